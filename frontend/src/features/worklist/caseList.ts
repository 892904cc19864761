/** The rows of a worklist: fetched as the reader scrolls, changed in place by news. */
import { ApiError, isRefusal } from "@/api/client";
import type { CaseRow } from "@/api/types";
import { reconnectDelayMs } from "@/api/ws";

export interface FetchedPage {
  items: readonly CaseRow[];
  next_cursor: string | null;
  total: number | null;
  is_total_exact: boolean;
}

export interface FetchedRows {
  items: readonly CaseRow[];
  /** Which of them the filter still lets through. */
  matching: readonly string[];
}

export interface CaseSource {
  page: (cursor: string | null) => Promise<FetchedPage>;
  rows: (ids: readonly string[]) => Promise<FetchedRows>;
}

/**
 * What is on screen. `order` and `rows` are changed where they are, since a copy of 100,000
 * rows for each piece of news would be felt; every change makes a new state around them.
 */
export interface ListState {
  /** As the server had them when the reader last asked; only the reader changes it. */
  order: readonly string[];
  rows: ReadonlyMap<string, CaseRow>;
  /** Still shown, but no longer in the server's list. */
  gone: ReadonlySet<string>;
  /** New in the server's list, waiting behind the chip. */
  waiting: readonly string[];
  total: number;
  isTotalExact: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  isPending: boolean;
  error: unknown;
  /** The last refresh failed: what is shown may be old. */
  isStale: boolean;
}

/** A burst of news becomes one question. */
export const GATHER_MS = 300;
const ROWS_PER_QUESTION = 200;

export class CaseList {
  #source: CaseSource;
  #order: string[] = [];
  #rows = new Map<string, CaseRow>();
  #gone = new Set<string>();
  #waiting: string[] = [];
  #onScreen: readonly string[] = [];
  #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isActive = false;
  #missedNews = false;
  #wantsMore = false;
  /** Runs while a failing server is left alone; nothing is asked till then. */
  #pause: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #cursor: string | null = null;
  #round = 0;
  #state: ListState;
  #listeners = new Set<() => void>();
  /** Where the reader has scrolled to, for when they come back. */
  scrollTopPx = 0;

  constructor(source: CaseSource) {
    this.#source = source;
    this.#state = this.#make({ isPending: true });
  }

  readonly state = (): ListState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Start to ask, or go on after the list was off screen. */
  activate(): () => void {
    this.#isActive = true;
    if (this.#state.isPending) void this.load();
    else if (this.#missedNews) this.refresh();
    else this.#schedule();
    return () => {
      this.#isActive = false;
      clearTimeout(this.#timer);
      clearTimeout(this.#pause);
      this.#timer = undefined;
      this.#pause = undefined;
    };
  }

  /** The list from its top: at first, and when the reader asks for the new rows. */
  readonly load = async (): Promise<void> => {
    this.#round += 1;
    const round = this.#round;
    try {
      const page = await this.#source.page(null);
      if (round !== this.#round) return;
      this.#order = [];
      this.#rows = new Map();
      this.#gone = new Set();
      this.#waiting = [];
      this.#append(page);
      this.#missedNews = false;
      this.#wantsMore = false;
      clearTimeout(this.#pause);
      this.#pause = undefined;
      this.#answered();
      this.#schedule();
      this.#change({
        total: page.total ?? page.items.length,
        isTotalExact: page.is_total_exact,
        isPending: false,
        isLoadingMore: false,
        error: null,
        isStale: false,
      });
    } catch (error) {
      if (round !== this.#round) return;
      // Rows that are there stay: an old list is better than none, if it says so.
      const isEmpty = this.#order.length === 0;
      this.#change({ isPending: false, error: isEmpty ? error : null, isStale: !isEmpty });
    }
  };

  /** What waits behind the chip: the list from its top, and the reader at its top. */
  readonly showNew = (): void => {
    this.scrollTopPx = 0;
    void this.load();
  };

  readonly retry = (): void => {
    this.#change({ isPending: this.#order.length === 0, error: null });
    void this.load();
  };

  readonly loadMore = async (): Promise<void> => {
    if (this.#cursor === null || this.#state.isLoadingMore) return;
    this.#wantsMore = true;
    if (this.#pause !== undefined) return;
    const round = this.#round;
    this.#change({ isLoadingMore: true });
    try {
      const page = await this.#source.page(this.#cursor);
      if (round !== this.#round) return;
      this.#append(page);
      this.#wantsMore = false;
      this.#answered();
      this.#change({ isLoadingMore: false, isStale: this.#missedNews });
    } catch (error) {
      if (round !== this.#round) return;
      if (isRefusal(error)) {
        // No rows will come where the table keeps a place for them.
        this.#cursor = null;
        this.#wantsMore = false;
      }
      this.#change({ isLoadingMore: false, isStale: true });
      this.#goOnLater(error);
    }
  };

  /** These rows are on screen: the ones to ask about after a gap in the connection. */
  look(ids: readonly string[]): void {
    this.#onScreen = ids;
  }

  /** A case of this list changed; how, the server is asked, once for a burst. */
  noteChange(id: string): void {
    this.#asked.add(id);
    this.#schedule();
  }

  /** News may have been missed. */
  refresh(): void {
    if (!this.#isActive) {
      this.#missedNews = true;
      return;
    }
    for (const id of this.#onScreen) this.#asked.add(id);
    this.#schedule();
    void this.#findNew();
  }

  /** Change a row by what is known already (progress, an own claim). */
  patch(id: string, changes: Partial<CaseRow>): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#rows.set(id, { ...row, ...changes });
    this.#change({});
  }

  #schedule(): void {
    if (this.#asked.size === 0 || !this.#isActive || this.#isAsking) return;
    if (this.#pause !== undefined) return;
    this.#timer ??= setTimeout(() => void this.#ask(), GATHER_MS);
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    this.#isAsking = true;
    const ids = [...this.#asked].slice(0, ROWS_PER_QUESTION);
    for (const id of ids) this.#asked.delete(id);
    const round = this.#round;
    try {
      const found = await this.#source.rows(ids);
      this.#answered();
      if (round === this.#round) this.#take(ids, found);
    } catch (error) {
      if (!isRefusal(error)) for (const id of ids) this.#asked.add(id);
      this.#change({ isStale: true });
      this.#goOnLater(error);
    } finally {
      this.#isAsking = false;
      this.#schedule();
    }
  }

  #take(ids: readonly string[], found: FetchedRows): void {
    const matching = new Set(found.matching);
    for (const row of found.items) {
      if (this.#rows.has(row.id)) this.#rows.set(row.id, row);
    }
    for (const id of ids) {
      if (!this.#rows.has(id)) this.#await(id, matching.has(id));
      else if (matching.has(id)) this.#gone.delete(id);
      else this.#gone.add(id);
    }
    this.#change({ isStale: this.#missedNews });
  }

  #await(id: string, isWanted: boolean): void {
    const rest = this.#waiting.filter((known) => known !== id);
    this.#waiting = isWanted ? [...rest, id] : rest;
  }

  async #findNew(): Promise<void> {
    this.#missedNews = true;
    if (this.#pause !== undefined) return;
    const round = this.#round;
    try {
      const page = await this.#source.page(null);
      if (round !== this.#round) return;
      for (const row of page.items) {
        if (this.#rows.has(row.id)) this.#rows.set(row.id, row);
        else this.#await(row.id, true);
      }
      this.#missedNews = false;
      this.#answered();
      this.#change({ total: page.total ?? this.#state.total, isStale: false });
    } catch (error) {
      if (isRefusal(error)) this.#missedNews = false;
      this.#change({ isStale: true });
      this.#goOnLater(error);
    }
  }

  /** The next failure is the first again, once nothing is owed of an earlier one. */
  #answered(): void {
    if (this.#pause !== undefined || this.#missedNews || this.#wantsMore) return;
    this.#failures = 0;
  }

  /**
   * Ask again what was not answered, later each time; not at all what was refused. Many
   * lists wait for one server: each comes back at a moment of its own.
   */
  #goOnLater(error: unknown): void {
    if (isRefusal(error) || !this.#isActive) return;
    const asked = error instanceof ApiError ? error.retryAfterMs : 0;
    const delay = reconnectDelayMs(this.#failures);
    this.#pause ??= setTimeout(() => this.#goOn(), Math.max(asked, delay));
    this.#failures += 1;
  }

  #goOn(): void {
    this.#pause = undefined;
    if (this.#missedNews) void this.#findNew();
    if (this.#wantsMore) void this.loadMore();
    this.#schedule();
  }

  #append(page: FetchedPage): void {
    for (const row of page.items) {
      // A row that moved while the reader scrolled may come twice.
      if (!this.#rows.has(row.id)) this.#order.push(row.id);
      this.#rows.set(row.id, row);
    }
    const held = this.#rows;
    this.#waiting = this.#waiting.filter((id) => !held.has(id));
    this.#cursor = page.next_cursor;
  }

  #make(changes: Partial<ListState>): ListState {
    return {
      total: 0,
      isTotalExact: true,
      isLoadingMore: false,
      isPending: false,
      error: null,
      isStale: false,
      ...changes,
      order: this.#order,
      rows: this.#rows,
      gone: this.#gone,
      waiting: this.#waiting,
      hasMore: this.#cursor !== null,
    };
  }

  #change(changes: Partial<ListState>): void {
    this.#state = this.#make({ ...this.#state, ...changes });
    for (const listener of this.#listeners) listener();
  }
}
