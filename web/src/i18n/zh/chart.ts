import type { Messages } from "../messages";

export const chart: Messages["chart"] = {
  title: "图表",
  notYet: "图表正在制作中。",
};
