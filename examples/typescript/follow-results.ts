/**
 * Follow Strandline's results and keep the newest of each market.
 *
 * npm ci && npm run build
 * node dist/follow-results.js localhost:9092
 */
import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";

const TOPIC = "strandline.results.v1";
const TYPE = "strandline.AnalysisCompleted.v1";

interface Result {
  market: { exchange: string; market_type: string; symbol: string; timeframe: string };
  candle_at: string;
  analyzed_at: string;
  last_price: number;
  support_levels: number[];
}

/** A time as text that sorts: a Date would lose the microseconds, and the fraction is absent when it is zero. */
function sortable(time: string): string {
  const [seconds = "", fraction = ""] = time.replace("Z", "").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}

/** The guard: later candle, then later analysis. The last record of a market may be older than one before it. */
const version = (event: Result): string => `${sortable(event.candle_at)} ${sortable(event.analyzed_at)}`;

const newest = new Map<string, Result>();

function keep(event: Result): void {
  const { exchange, market_type, symbol, timeframe } = event.market;
  const key = [exchange, market_type, symbol, timeframe].join(":");
  const known = newest.get(key);
  if (known && version(event) <= version(known)) return;
  newest.set(key, event);
  console.log(key, event.candle_at, event.last_price, JSON.stringify(event.support_levels));
}

const kafka = new Kafka({ brokers: [process.argv[2] ?? "localhost:9092"], logLevel: logLevel.ERROR });
// A group of its own that commits nothing: the topic is compacted, so that each start rebuilds the state.
const consumer = kafka.consumer({ groupId: `follow-results-${randomUUID()}` });
await consumer.connect();
await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ message: { value, headers } }) => {
    // Other versions are not for this program, and null is a tombstone.
    if (value && headers?.["ce_type"]?.toString() === TYPE) keep(JSON.parse(value.toString()) as Result);
  },
});
