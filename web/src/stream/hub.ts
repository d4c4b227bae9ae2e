/**
 * One EventSource for the whole page, however many of its parts listen.
 *
 * A browser opens six connections to a host and no more: a hidden tab therefore lets go of its stream, and says
 * `reset` when it is looked at again. The server's own ids cover short interruptions; EventSource sends them.
 */
import { KINDS, type Kind, type Told } from "./events";

export type Line = "connecting" | "live";
type Hear<K extends Kind> = (told: Told[K]) => void;

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

export class StreamHub {
  private source: EventSource | null = null;
  private readonly ears = new Map<Kind, Set<Hear<never>>>(KINDS.map((kind) => [kind, new Set()]));
  private readonly watchers = new Set<() => void>();
  private line: Line = "connecting";
  private pause = FIRST_PAUSE;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private broken = false;
  private wanted = false;

  constructor(
    private readonly url: string,
    private readonly open: (url: string) => EventSource = (address) => new EventSource(address),
  ) {}

  /** Begin, or begin again after `stop`. */
  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.connect();
  }

  /** Let go of the line; whoever listens stays known. */
  stop(): void {
    if (!this.wanted) return;
    this.wanted = false;
    this.broken = true;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.setLine("connecting");
  }

  /** Be told of one kind; call what is returned to be told no more. */
  on<K extends Kind>(kind: K, hear: Hear<K>): () => void {
    const ears = this.ears.get(kind) as Set<Hear<K>>;
    ears.add(hear);
    return () => ears.delete(hear);
  }

  /** For useSyncExternalStore. */
  readonly subscribeToLine = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly currentLine = (): Line => this.line;

  private connect(): void {
    const source = this.open(this.url);
    this.source = source;
    source.addEventListener("open", () => this.opened());
    source.addEventListener("error", () => this.failed(source));
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.tell(kind, (event as MessageEvent<string>).data));
    }
  }

  private opened(): void {
    this.pause = FIRST_PAUSE;
    this.setLine("live");
    // A source of ours that is new has no last id to send: what happened meanwhile is not told.
    if (this.broken) this.tell("reset", '{"reason":"the line was interrupted"}');
    this.broken = false;
  }

  private failed(source: EventSource): void {
    this.setLine("connecting");
    // Otherwise the browser tries again by itself, and sends the id of what it heard last.
    if (source.readyState !== EventSource.CLOSED || !this.wanted) return;
    this.broken = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  private tell(kind: Kind, data: string): void {
    let told: never;
    try {
      told = JSON.parse(data) as never;
    } catch {
      return;
    }
    for (const hear of this.ears.get(kind) ?? []) hear(told);
  }

  private setLine(line: Line): void {
    if (line === this.line) return;
    this.line = line;
    for (const watcher of this.watchers) watcher();
  }
}
