/** Recognises events that were already received, whichever process of the server sent them. Pure. */
import type { StreamEvent } from "./types.js";

const MAX_REMEMBERED = 10_000;

export class RepeatFilter {
  private readonly seen = new Set<string>();

  constructor(private readonly size = MAX_REMEMBERED) {}

  /** Return whether an equal event was received before, and remember this one. Prices and resets never repeat. */
  isRepeat(event: StreamEvent): boolean {
    const identity = identify(event);
    if (identity === undefined) return false;
    if (this.seen.has(identity)) return true;
    this.seen.add(identity);
    if (this.seen.size > this.size) this.forgetOldest();
    return false;
  }

  private forgetOldest(): void {
    const oldest = this.seen.values().next();
    if (!oldest.done) this.seen.delete(oldest.value);
  }
}

function identify({ kind, data }: StreamEvent): string | undefined {
  switch (kind) {
    case "watch":
      return JSON.stringify(data.type === "fired" ? [kind, data.fire_id] : [kind, data.type, data.watch_id, data.at]);
    case "level":
      return JSON.stringify([kind, data.event_id]);
    case "result": {
      const { exchange, market_type, symbol, timeframe } = data.market;
      const hashes = [data.params_hash, data.candles_hash];
      return JSON.stringify([kind, exchange, market_type, symbol, timeframe, ...hashes, ...sort(data.request_ids)]);
    }
    case "unchanged": {
      const { exchange, market_type, symbol, timeframe } = data.market;
      return JSON.stringify([kind, exchange, market_type, symbol, timeframe, data.candles_hash, data.levels_at]);
    }
    case "failure":
      return JSON.stringify([kind, data.reason, ...sort(data.request_ids)]);
    default:
      return undefined;
  }
}

const sort = (ids: readonly string[]): string[] => [...ids].sort();
