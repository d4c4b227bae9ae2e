/**
 * The stream of events: its lines, and the events that they form. Pure.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import type { StreamEvent } from "./types.js";

/** Splits text that arrives in pieces into lines, which end with CR, LF or both. */
export class LineSplitter {
  private rest = "";

  /** Take a piece; return the lines that it completes. A CR at the end waits for what follows it. */
  push(piece: string): string[] {
    const text = this.rest + piece;
    const held = text.endsWith("\r") ? 1 : 0;
    const lines = text.slice(0, text.length - held).split(/\r\n|\r|\n/);
    this.rest = (lines.pop() ?? "") + text.slice(text.length - held);
    return lines;
  }
}

/** Turns lines into events. `lastId` is where to resume after a cut; `hasReceived`: a line came since then. */
export class EventParser {
  hasReceived = false;
  private id: string;
  private kind = "";
  private data: string[] = [];

  constructor(public lastId = "") {
    this.id = lastId;
  }

  /** Begin a new connection: forget the event that a cut has left unfinished. */
  begin(): void {
    this.hasReceived = false;
    this.id = this.lastId;
    this.kind = "";
    this.data = [];
  }

  /** Take one line without its end; return the event that it completes. */
  feed(line: string): StreamEvent | undefined {
    this.hasReceived = true;
    if (line === "") return this.complete();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id" && !value.includes("\0")) this.id = value;
    else if (name === "event") this.kind = value;
    else if (name === "data") this.data.push(value);
    return undefined;
  }

  private complete(): StreamEvent | undefined {
    const kind = this.kind || "message";
    const data = this.data.join("\n");
    // Not before the event is whole: resuming after an id whose event was cut would lose that event.
    this.lastId = this.id;
    this.kind = "";
    this.data = [];
    return data === "" ? undefined : ({ id: this.lastId, kind, data: JSON.parse(data) as unknown } as StreamEvent);
  }
}
