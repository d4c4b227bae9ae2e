import type { Messages } from "../messages";

export const pipeline: Messages["pipeline"] = {
  title: "Pipeline",
};
