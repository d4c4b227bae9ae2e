import type { Messages } from "../messages";
import { alerts } from "./alerts";
import { analysis } from "./analysis";
import { chart } from "./chart";
import { common } from "./common";
import { delivery } from "./delivery";
import { keys } from "./keys";
import { markets } from "./markets";
import { pipeline } from "./pipeline";
import { screener } from "./screener";
import { shell } from "./shell";
import { watches } from "./watches";

export const zh: Messages = { alerts, analysis, chart, common, delivery, keys, markets, pipeline, screener, shell, watches };
