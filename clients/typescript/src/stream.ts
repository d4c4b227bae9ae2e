/** The live stream: it resumes after a cut, and omits what it has already yielded. */
import { Refused, Unavailable } from "./errors.js";
import { RepeatFilter } from "./repeats.js";
import { EventParser, LineSplitter } from "./sse.js";
import { explain, type Transport } from "./transport.js";
import type { EventKind, StreamEvent } from "./types.js";
import { Silence } from "./waiting.js";

/** Silence after which a stream counts as cut: the server sends something every 12 s. */
const MAX_SILENCE_MS = 45_000;

export interface StreamOptions<K extends EventKind = EventKind> {
  /** Market key, `exchange:market_type:symbol`, or symbol; all markets if absent. */
  market?: string;
  /** Kinds of events; all if absent. */
  types?: readonly K[];
  /** Id of the last event of an earlier stream, to resume after it. */
  lastId?: string;
  /** Ends the stream: it throws the signal's reason. */
  signal?: AbortSignal;
}

/** Yield events until the loop is left. Throws Refused, and Unavailable once the retries in a row are used up. */
export async function* followStream<K extends EventKind>(
  transport: Transport,
  options: StreamOptions<K>,
): AsyncGenerator<StreamEvent<K>, void, undefined> {
  const parser = new EventParser(options.lastId);
  const repeats = new RepeatFilter();
  for (let attempt = 1; ; ) {
    try {
      for await (const event of readConnection(transport, parser, options)) {
        if (!repeats.isRepeat(event)) yield event as StreamEvent<K>;
      }
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      attempt = (parser.hasReceived ? 1 : attempt) + 1;
      await transport.pause(attempt, error, options.signal);
    }
  }
}

async function* readConnection(transport: Transport, parser: EventParser, options: StreamOptions): AsyncGenerator<StreamEvent> {
  const silence = new Silence(MAX_SILENCE_MS, options.signal);
  parser.begin();
  try {
    const query = { market: options.market, types: options.types?.join(",") };
    const body = await transport.openStream(query, parser.lastId, silence);
    yield* readEvents(body, parser, silence);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof Refused || error instanceof Unavailable || error instanceof SyntaxError) throw error;
    throw new Unavailable(`the stream was cut: ${error instanceof Error ? explain(error) : String(error)}`);
  } finally {
    silence.stop();
  }
  throw new Unavailable("the server closed the stream");
}

async function* readEvents(body: ReadableStream<Uint8Array>, parser: EventParser, silence: Silence): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  const splitter = new LineSplitter();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      silence.extend();
      for (const line of splitter.push(piece.value)) {
        const event = parser.feed(line);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    // Closes the connection when the loop is left. A stream that already failed cannot be cancelled.
    await reader.cancel().catch(() => undefined);
  }
}
