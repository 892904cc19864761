/** The socket /ws/events: typed news, reconnection, and the state behind the connection dot. */

/** Every kind of news the server sends, with the fields it carries beside `kind`. */
export interface Events {
  hello: Record<never, never>;
  "case.changed": { id: string; version: number; worklist: string };
  "case.progress": {
    id: string;
    version: number;
    worklist: string;
    done: number;
    total: number;
  };
  "notification.changed": { id: string; version: number };
  "presence.changed": { id: string; version: number };
  "upload.changed": { id: string; version: number };
  "upload_item.changed": { id: string; version: number; upload_id: string; status: string };
}

export type EventKindName = keyof Events;
export type News = { [Kind in EventKindName]: { kind: Kind } & Events[Kind] }[EventKindName];

/** connecting: never open yet. live: hello received. waiting: lost, will try again. */
export type ConnectionState = "connecting" | "live" | "waiting";

const KINDS: ReadonlySet<string> = new Set<EventKindName>([
  "hello",
  "case.changed",
  "case.progress",
  "notification.changed",
  "presence.changed",
  "upload.changed",
  "upload_item.changed",
]);

/** The news in a message, or null for anything this client does not know. */
export function parseNews(text: string): News | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
  if (typeof value !== "object" || value === null || !("kind" in value)) return null;
  return typeof value.kind === "string" && KINDS.has(value.kind) ? (value as News) : null;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 20_000;
/** The server's word that the session has ended (apps/reading/consumers.py). */
const CLOSE_NOT_SIGNED_IN = 4401;
/** From here on the delay is the longest. */
const LAST_ATTEMPT = Math.ceil(Math.log2(LONGEST_DELAY_MS / FIRST_DELAY_MS));

/** Full jitter over a doubling ceiling, so that a restarted server is not stormed. */
export function reconnectDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return ceiling / 2 + (ceiling / 2) * random();
}

export class EventSocket {
  #url: string;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #wasLive = false;
  #wasRefused = false;
  #wanted = false;
  #state: ConnectionState = "connecting";
  #stateListeners = new Set<() => void>();
  #newsListeners = new Set<(news: News) => void>();
  #reconnectListeners = new Set<() => void>();

  constructor(url: string) {
    this.#url = url;
  }

  readonly state = (): ConnectionState => this.#state;

  readonly onState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  onNews(listener: (news: News) => void): () => void {
    this.#newsListeners.add(listener);
    return () => this.#newsListeners.delete(listener);
  }

  /** Called when the socket is live again after a gap: news may have been missed. */
  onReconnect(listener: () => void): () => void {
    this.#reconnectListeners.add(listener);
    return () => this.#reconnectListeners.delete(listener);
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Try at once instead of waiting out the delay, as when the browser is online again. */
  readonly retryNow = (): void => {
    if (!this.#wanted || this.#socket !== null) return;
    clearTimeout(this.#timer);
    this.#connect();
  };

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      if (this.#socket === socket && typeof event.data === "string") this.#receive(event.data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#setState("waiting");
      if (code === CLOSE_NOT_SIGNED_IN) {
        this.#attempt = LAST_ATTEMPT;
        // Told twice, so that a page that is leaving for the sign-in is not sent there again: to
        // ask for what is on it leads there as well, or shows that all is well.
        if (this.#wasRefused) for (const listener of this.#reconnectListeners) listener();
        this.#wasRefused = true;
      }
      this.#timer = setTimeout(this.retryNow, reconnectDelayMs(this.#attempt));
      this.#attempt += 1;
    });
  }

  #receive(text: string): void {
    const news = parseNews(text);
    if (news === null) return;
    if (news.kind === "hello") {
      const missed = this.#wasLive || this.#attempt > 0;
      this.#wasRefused = false;
      this.#attempt = 0;
      this.#wasLive = true;
      this.#setState("live");
      if (missed) for (const listener of this.#reconnectListeners) listener();
    }
    for (const listener of this.#newsListeners) listener(news);
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}

export function eventsUrl(location: Location = window.location): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/ws/events`;
}
