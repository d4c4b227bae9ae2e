export const watches = {
  title: "Watches",
};
