/** Films by id: fetched once, decoded once, kept while there is room. */
import { api, apiBytes } from "@/api/client";
import type { ImageMeta } from "@/api/types";

import { ByteLru } from "./cache";
import { decodeFrame, type Film } from "./decode";
import { PYRAMID_FACTOR } from "./pyramid";

const DEFAULT_BYTES = 256 * 1024 * 1024;
/** Described films; a description is small, but five hundred cases are many. */
const MOST_METAS = 256;
/** Fetches ahead at a time: the film a reader asks for must find a free connection. */
const AHEAD_AT_ONCE = 2;
/** Of the next case or the other views; a longer stack is fetched around the slice shown. */
const MOST_LATER = 8;

/** One frame of an image. */
export interface FramePlace {
  readonly imageId: string;
  readonly frame: number;
}

export interface FilmSource {
  readonly meta: (imageId: string) => Promise<ImageMeta>;
  readonly frame: (imageId: string, frame: number) => Promise<ArrayBuffer>;
}

/** Where films lie that are no image of a case. */
const elsewhere = new Map<string, string>();

/** Say where the server has a film, if not among the images; before it is asked for. */
export function filmLiesAt(imageId: string, path: string): void {
  elsewhere.set(imageId, path);
}

const pathOf = (imageId: string): string => elsewhere.get(imageId) ?? `/images/${imageId}`;

const server: FilmSource = {
  meta: (imageId) => api<ImageMeta>(pathOf(imageId)),
  frame: (imageId, frame) => apiBytes(`${pathOf(imageId)}/frames/${frame}`),
};

const keyOf = (imageId: string, frame: number): string => `${imageId}#${frame}`;

export class FilmStore {
  readonly #source: FilmSource;
  readonly #films: ByteLru<Film>;
  readonly #metas = new Map<string, ImageMeta>();
  readonly #waiting = new Map<string, Promise<Film>>();
  /** Wanted soon (around the slice shown), then later (other views, the next case). */
  #soon: readonly FramePlace[] = [];
  #later: readonly FramePlace[] = [];
  #aheadNow = 0;

  constructor(
    source: FilmSource = server,
    maxBytes: number = DEFAULT_BYTES,
    onEvict: (imageId: string, frame: number) => void = () => undefined,
  ) {
    this.#source = source;
    this.#films = new ByteLru(maxBytes, (key) => {
      const at = key.lastIndexOf("#");
      onEvict(key.slice(0, at), Number(key.slice(at + 1)));
    });
  }

  get bytes(): number {
    return this.#films.bytes;
  }

  has(imageId: string, frame: number): boolean {
    return this.#films.has(keyOf(imageId, frame));
  }

  /** Return the frame now if it is in memory. */
  peek(imageId: string, frame: number): Film | undefined {
    return this.#films.get(keyOf(imageId, frame));
  }

  /** Return the frame. Two askers share one request; a failure is not remembered. */
  load(imageId: string, frame: number): Promise<Film> {
    const key = keyOf(imageId, frame);
    const known = this.#films.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const loading = this.#fetch(imageId, frame).finally(() => this.#waiting.delete(key));
    this.#waiting.set(key, loading);
    return loading;
  }

  async #fetch(imageId: string, frame: number): Promise<Film> {
    const known = this.#metas.get(imageId);
    const [meta, bytes] = await Promise.all([
      known ?? this.#source.meta(imageId),
      this.#source.frame(imageId, frame),
    ]);
    this.#keepMeta(imageId, meta);
    const film = decodeFrame(bytes, meta, frame);
    this.#films.set(keyOf(imageId, frame), film, film.pixels.byteLength * PYRAMID_FACTOR);
    return film;
  }

  #keepMeta(imageId: string, meta: ImageMeta): void {
    this.#metas.delete(imageId);
    this.#metas.set(imageId, meta);
    for (const oldest of this.#metas.keys()) {
      if (this.#metas.size <= MOST_METAS) break;
      this.#metas.delete(oldest);
    }
  }

  get metaCount(): number {
    return this.#metas.size;
  }

  /** Fetch the first films of other images ahead, after what is wanted around. */
  prefetch(imageIds: readonly string[]): void {
    this.#later = imageIds.slice(0, MOST_LATER).map((imageId) => ({ imageId, frame: 0 }));
    this.#goAhead();
  }

  /** Fetch these ahead, in this order, instead of those asked for before. */
  prefetchAround(places: readonly FramePlace[]): void {
    this.#soon = places;
    this.#goAhead();
  }

  #nextAhead(): FramePlace | undefined {
    const isMissing = ({ imageId, frame }: FramePlace) => {
      const key = keyOf(imageId, frame);
      return !this.#films.has(key) && !this.#waiting.has(key);
    };
    this.#soon = this.#soon.filter(isMissing);
    this.#later = this.#later.filter(isMissing);
    const next = this.#soon[0] ?? this.#later[0];
    this.#soon = this.#soon.filter((place) => place !== next);
    this.#later = this.#later.filter((place) => place !== next);
    return next;
  }

  #goAhead(): void {
    while (this.#aheadNow < AHEAD_AT_ONCE) {
      const next = this.#nextAhead();
      if (next === undefined) return;
      this.#aheadNow += 1;
      this.load(next.imageId, next.frame)
        // The real load will report it.
        .catch(() => undefined)
        .finally(() => {
          this.#aheadNow -= 1;
          this.#goAhead();
        });
    }
  }
}
