export const chart = {
  title: "Chart",
  notYet: "The chart is being built.",
};
