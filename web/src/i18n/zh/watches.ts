import type { Messages } from "../messages";

export const watches: Messages["watches"] = {
  title: "Watches",
};
