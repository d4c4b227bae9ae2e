/**
 * Ask Strandline for an analysis over Kafka, and wait for its answer.
 *
 * npm ci && npm run build
 * node dist/ask-and-wait.js localhost:9092 BTCUSDT 1h
 */
import { randomUUID } from "node:crypto";
import { Kafka, logLevel, Partitioners } from "kafkajs";

interface Answer {
  request_ids: string[];
  reason?: string;
  support_levels?: number[];
  resistance_levels?: number[];
}

const ANSWERS = ["strandline.results.v1", "strandline.failures.v1"];
const TIMEOUT_MS = 60_000;

const [, , broker = "localhost:9092", symbol = "BTCUSDT", timeframe = "1h"] = process.argv;
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR });
const admin = kafka.admin();
const consumer = kafka.consumer({ groupId: `ask-and-wait-${randomUUID()}` });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
const requestId: string = randomUUID();
await Promise.all([admin.connect(), consumer.connect(), producer.connect()]);

/** The end of each partition, before publishing: reading starts there, so that an answer that comes at once is read. */
const ends: { topic: string; partition: number; offset: string }[] = [];
for (const topic of ANSWERS) {
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) ends.push({ topic, partition, offset: high });
}
await producer.send({
  topic: "strandline.requests.v1",
  acks: -1,
  messages: [{ value: JSON.stringify({ symbol, timeframe, request_id: requestId }) }],
});

const answer = await new Promise<Answer>((resolve, reject) => {
  setTimeout(() => reject(new Error(`no answer to ${requestId}; sending it again is safe`)), TIMEOUT_MS).unref();
  const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
    const event = JSON.parse(message.value?.toString() ?? "{}") as Partial<Answer>;
    // `request_ids` decides, never the record's key or id.
    if (event.request_ids?.includes(requestId)) resolve(event as Answer);
  };
  const start = async (): Promise<void> => {
    await consumer.subscribe({ topics: ANSWERS });
    await consumer.run({ autoCommit: false, eachMessage });
    for (const end of ends) consumer.seek(end);
  };
  start().catch(reject);
});
console.log(answer.reason ?? "completed", JSON.stringify(answer.support_levels), JSON.stringify(answer.resistance_levels));
await Promise.all([admin.disconnect(), consumer.disconnect(), producer.disconnect()]);
