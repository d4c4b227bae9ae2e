import { analysis } from "./analysis";
import { chart } from "./chart";
import { common } from "./common";
import { pipeline } from "./pipeline";
import { shell } from "./shell";
import { watches } from "./watches";

export const en = { analysis, chart, common, pipeline, shell, watches };
