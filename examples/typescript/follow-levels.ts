/**
 * Follow the events of levels and keep the open levels of each market.
 *
 * npm ci && npm run build
 * node dist/follow-levels.js localhost:9092
 */
import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";

const TOPIC = "strandline.levels.v1";
/** Other versions are not for this program. */
const TYPE = /^strandline\.Level\w+\.v1$/;

interface LevelEvent {
  type: string;
  event_id: string;
  market: { exchange: string; market_type: string; symbol: string; timeframe: string };
  level_id: string;
  price: number;
  stage?: string;
}

const markets = new Map<string, Map<string, LevelEvent>>();
const seen = new Set<string>();

function fold(event: LevelEvent): void {
  // A live event is repeated at the close as confirmed or withdrawn; after a crash all are published again.
  if (seen.has(event.event_id) || (event.stage ?? "confirmed") !== "confirmed") return;
  seen.add(event.event_id);
  const { exchange, market_type, symbol, timeframe } = event.market;
  const key = [exchange, market_type, symbol, timeframe].join(":");
  const levels = markets.get(key) ?? new Map<string, LevelEvent>();
  markets.set(key, levels);
  const known = levels.get(event.level_id);
  if (event.type === "retired") levels.delete(event.level_id);
  // Else it appeared before the retained events.
  else if (event.type === "appeared" || known) levels.set(event.level_id, { ...known, ...event });
  const prices = [...levels.values()].map((one) => one.price).sort((one, other) => one - other);
  console.log(key, event.type, event.level_id, JSON.stringify(prices));
}

const kafka = new Kafka({ brokers: [process.argv[2] ?? "localhost:9092"], logLevel: logLevel.ERROR });
// A group of its own that commits nothing: each start folds the retained events, 30 days of them.
const consumer = kafka.consumer({ groupId: `follow-levels-${randomUUID()}` });
await consumer.connect();
await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  // The events of a market are in order.
  eachMessage: async ({ message: { value, headers } }) => {
    if (value && TYPE.test(headers?.["ce_type"]?.toString() ?? "")) fold(JSON.parse(value.toString()) as LevelEvent);
  },
});
