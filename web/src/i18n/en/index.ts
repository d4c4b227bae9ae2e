import { analysis } from "./analysis";
import { chart } from "./chart";
import { common } from "./common";
import { keys } from "./keys";
import { markets } from "./markets";
import { pipeline } from "./pipeline";
import { shell } from "./shell";
import { watches } from "./watches";

export const en = { analysis, chart, common, keys, markets, pipeline, shell, watches };
