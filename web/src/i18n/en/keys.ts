export const keys = {
  title: "Keys",
  typing: "Typing a letter anywhere searches a market. Shift with a letter is a command.",
  or: "or",
  groups: { everywhere: "Everywhere", markets: "Markets", chart: "Chart" },
  help: "Show the keys",
  switcher: "Go to a market",
  theme: "Dark or light theme",
  language: "English or Chinese",
};
