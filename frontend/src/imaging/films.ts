/** Films by id: fetched once, decoded once, kept while there is room. */
import { api, apiBytes } from "@/api/client";
import type { ImageMeta } from "@/api/types";

import { ByteLru } from "./cache";
import { decodeFrame, type Film } from "./decode";
import { PYRAMID_FACTOR } from "./pyramid";

const DEFAULT_BYTES = 256 * 1024 * 1024;

export interface FilmSource {
  readonly meta: (imageId: string) => Promise<ImageMeta>;
  readonly frame: (imageId: string, frame: number) => Promise<ArrayBuffer>;
}

const server: FilmSource = {
  meta: (imageId) => api<ImageMeta>(`/images/${imageId}`),
  frame: (imageId, frame) => apiBytes(`/images/${imageId}/frames/${frame}`),
};

const keyOf = (imageId: string, frame: number): string => `${imageId}#${frame}`;

export class FilmStore {
  readonly #source: FilmSource;
  readonly #films: ByteLru<Film>;
  readonly #metas = new Map<string, ImageMeta>();
  readonly #waiting = new Map<string, Promise<Film>>();

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
    this.#metas.set(imageId, meta);
    const film = decodeFrame(bytes, meta, frame);
    this.#films.set(keyOf(imageId, frame), film, film.pixels.byteLength * PYRAMID_FACTOR);
    return film;
  }

  /** Fetch ahead; a failure stays silent because the real load will report it. */
  prefetch(imageIds: readonly string[], frame = 0): void {
    for (const imageId of imageIds) this.load(imageId, frame).catch(() => undefined);
  }
}
