/**
 * Keeps one draft on the server: one save at a time, again and later each time while it
 * fails, never over a draft that was saved from elsewhere, and "saved" only when it is.
 */
import { ApiError } from "@/api/client";

/** waiting: not saved, will try again. changed: saved from elsewhere, ask the reader. */
export type SaveState =
  | { readonly kind: "idle" | "saving" | "waiting" | "changed" | "ended" }
  | { readonly kind: "saved"; readonly at: string }
  | { readonly kind: "refused"; readonly why: string };

export interface Saved {
  readonly revision: number;
  readonly saved_at: string;
}

export interface Stored<Draft> extends Saved {
  readonly draft: Draft;
}

export interface Ports<Draft> {
  readonly load: () => Promise<Stored<Draft> | null>;
  readonly save: (draft: Draft, revision: number, isLeaving: boolean) => Promise<Saved>;
  readonly onState: (state: SaveState) => void;
  /** The server's draft takes the place of what is on the page. */
  readonly onRestore: (draft: Draft) => void;
  /** Which revision the page now stands on, and whether it holds no more than that. */
  readonly onBase: (revision: number, isSaved: boolean) => void;
}

/** What this browser knew when the page was opened. */
export interface Base {
  readonly revision: number;
  readonly isSaved: boolean;
}

export const PAUSE_MS = 800;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Full jitter over a doubling ceiling, so that a restarted server is not stormed. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return ceiling / 2 + (ceiling / 2) * random();
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  // 401: the session ended; whoever signs in again in another tab is saved here too.
  return error.status === 0 || error.status >= 500 || [401, 429].includes(error.status);
}

interface Running {
  flush(): Promise<boolean>;
  end(): void;
}

/** Those of this tab that have begun and not left. */
const running = new Set<Running>();

/** Save what is not saved; return whether the server now has all of it, within `limitMs`. */
export async function saveAllNow(limitMs: number): Promise<boolean> {
  const isLate = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), limitMs);
  });
  const all = Promise.all([...running].map((one) => one.flush()));
  return Promise.race([all.then((saved) => saved.every(Boolean)), isLate]);
}

/** The person has signed out: nothing is saved or kept any more, whatever is on its way. */
export function endAll(): void {
  for (const one of running) one.end();
}

export class Autosave<Draft> implements Running {
  #ports: Ports<Draft>;
  #empty: string;
  #draft: Draft;
  #base: Base;
  /** The text the server holds, as far as this page knows; null before it was asked. */
  #held: string | null = null;
  /** What was sent and not answered: if the server holds one of these, it came from here. */
  #unanswered = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #isBusy = false;
  #isOver = false;
  #isAsking = false;
  #isHeld = false;
  /** The save that is under way, or the last one. */
  #round: Promise<void> = Promise.resolve();

  constructor(ports: Ports<Draft>, draft: Draft, empty: Draft, base: Base) {
    this.#ports = ports;
    this.#draft = draft;
    this.#empty = JSON.stringify(empty);
    this.#base = base;
  }

  get #text(): string {
    return JSON.stringify(this.#draft);
  }

  start(): void {
    running.add(this);
    void this.#work();
  }

  change(draft: Draft): void {
    if (JSON.stringify(draft) === this.#text) return;
    this.#draft = draft;
    this.#base = { ...this.#base, isSaved: false };
    if (!this.#isOver) this.#ports.onBase(this.#base.revision, false);
    if (this.#isOver || this.#isAsking) return;
    this.#say({ kind: this.#attempt > 0 ? "waiting" : "saving" });
    if (this.#attempt === 0) this.#later(PAUSE_MS);
  }

  /** Try at once, as when the browser is online again. */
  readonly retryNow = (): void => {
    if (!this.#isAsking) void this.#work();
  };

  /** The answer itself is on its way: a draft behind it would only be refused. */
  readonly hold = (): void => {
    clearTimeout(this.#timer);
    this.#isHeld = true;
  };

  /** The answer did not get through: keep the draft as before. */
  readonly resume = (): void => {
    this.#isHeld = false;
    void this.#work();
  };

  /** Save at once what is not saved; return whether the server has what is on the page. */
  async flush(): Promise<boolean> {
    await this.#round;
    if (this.#isOver) return true;
    if (this.#held !== this.#text) await this.#work();
    return this.#held === this.#text;
  }

  /** Save nothing more, and tell the page of nothing. */
  end(): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
    running.delete(this);
  }

  /** The page goes away: send what is not saved, and hear no more of it. */
  leave(isClosing: boolean): void {
    // A closing page cannot wait for the save under way; whichever arrives first counts.
    if (!this.#isOver && (isClosing || !this.#isBusy)) this.#sendLast(isClosing);
    if (!isClosing) this.end();
  }

  /** Mostly nobody is left to hear how it went; but a page may come back from the cache. */
  #sendLast(isClosing: boolean): void {
    const text = this.#text;
    if (this.#isAsking || this.#isHeld) return;
    if (this.#held === null || this.#held === text) return;
    this.#unanswered.add(text);
    this.#ports
      .save(this.#draft, this.#base.revision, isClosing)
      .then(({ revision }) => this.#stand(revision, text))
      .catch(() => undefined);
  }

  /** The reader's choice between two drafts: what is on the page goes over the other. */
  readonly keepMine = (): void => {
    this.#isAsking = false;
    void this.#settle((theirs) => {
      this.#stand(theirs?.revision ?? 0, theirs === null ? this.#empty : this.#plain(theirs));
    });
  };

  readonly takeTheirs = (): void => {
    this.#isAsking = false;
    void this.#settle((theirs) => this.#adopt(theirs));
  };

  async #settle(choose: (theirs: Stored<Draft> | null) => void): Promise<void> {
    try {
      choose(await this.#ports.load());
    } catch {
      this.#ask();
      return;
    }
    await this.#work();
  }

  #plain(stored: Stored<Draft>): string {
    return JSON.stringify(stored.draft);
  }

  #adopt(theirs: Stored<Draft> | null): void {
    const draft = theirs?.draft ?? (JSON.parse(this.#empty) as Draft);
    this.#draft = draft;
    this.#ports.onRestore(draft);
    this.#stand(theirs?.revision ?? 0, JSON.stringify(draft));
    this.#say(theirs === null ? { kind: "idle" } : { kind: "saved", at: theirs.saved_at });
  }

  #stand(revision: number, held: string): void {
    this.#held = held;
    this.#base = { revision, isSaved: held === this.#text };
    if (!this.#isOver) this.#ports.onBase(revision, this.#base.isSaved);
  }

  #say(state: SaveState): void {
    if (!this.#isOver) this.#ports.onState(state);
  }

  #ask(): void {
    this.#isAsking = true;
    this.#say({ kind: "changed" });
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#work(), delayMs);
  }

  #work(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isBusy && !this.#isOver && !this.#isHeld) this.#round = this.#exchange();
    return this.#round;
  }

  async #exchange(): Promise<void> {
    this.#isBusy = true;
    try {
      if (this.#held === null) this.#compare(await this.#ports.load());
      await this.#save();
      this.#attempt = 0;
    } catch (error) {
      this.#isBusy = false;
      this.#fail(error);
      return;
    }
    this.#isBusy = false;
    // Changed while the last save travelled.
    if (this.#isOver) this.#sendLast(false);
    else if (!this.#isAsking && this.#held !== this.#text) this.#later(PAUSE_MS);
  }

  /** The server's draft against what this browser has; the reader is asked only if both
   * have something that the other lacks. */
  #compare(theirs: Stored<Draft> | null): void {
    if (this.#isOver) return;
    const mine = this.#text;
    if (theirs === null) {
      this.#stand(0, this.#empty);
      return;
    }
    const held = this.#plain(theirs);
    const isFresh = mine === this.#empty || this.#base.isSaved;
    if (held === mine || this.#unanswered.has(held)) {
      this.#stand(theirs.revision, held);
      if (held === mine) this.#say({ kind: "saved", at: theirs.saved_at });
    } else if (this.#base.revision === theirs.revision) {
      this.#stand(theirs.revision, held);
    } else if (isFresh) {
      this.#adopt(theirs);
    } else {
      this.#ask();
    }
  }

  async #save(): Promise<void> {
    const draft = this.#draft;
    const text = this.#text;
    if (this.#isAsking || this.#isOver || text === this.#held) return;
    this.#say({ kind: this.#attempt > 0 ? "waiting" : "saving" });
    const { revision, saved_at } = await this.#send(draft, text);
    this.#unanswered.clear();
    this.#stand(revision, text);
    if (text === this.#text) this.#say({ kind: "saved", at: saved_at });
  }

  async #send(draft: Draft, text: string): Promise<Saved> {
    try {
      return await this.#ports.save(draft, this.#base.revision, false);
    } catch (error) {
      if (mayPass(error)) this.#unanswered.add(text);
      throw error;
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    if (error instanceof ApiError && error.code === "draft_changed") {
      // Perhaps by our own save, whose answer was lost: look before asking.
      this.#held = null;
      this.#base = { revision: -1, isSaved: false };
      this.#later(0);
    } else if (mayPass(error)) {
      this.#say({ kind: "waiting" });
      this.#later(retryDelayMs(this.#attempt));
      this.#attempt += 1;
    } else if (error instanceof ApiError && error.code.startsWith("already_")) {
      this.#say({ kind: "ended" });
      this.#isOver = true;
    } else {
      // What is changed next is a new draft, and tried as one.
      this.#attempt = 0;
      this.#say({ kind: "refused", why: error instanceof Error ? error.message : "" });
    }
  }
}
