import { describe, expect, it, vi } from "vitest";
import type { ImageMeta } from "@/api/types";
import { ByteLru } from "./cache";
import { decodeFrame, valueAt } from "./decode";
import { FilmStore } from "./films";
import { levelFor } from "./pyramid";
import { greyLevel, greyTable, initialWindow, percentileWindow, voiFunctionOf } from "./window";

const meta = (over: Partial<ImageMeta> = {}): ImageMeta => ({
  id: "i",
  rows: 2,
  columns: 3,
  frame_count: 1,
  samples: 1,
  bits_stored: 16,
  is_signed: false,
  dtype: "uint16",
  photometric: "MONOCHROME2",
  slope: 1,
  intercept: 0,
  windows: [],
  voi_function: "LINEAR",
  spacing_mm: null,
  spacing_note: "",
  pixel_min: 0,
  pixel_max: 65535,
  display: {
    modality: "CR",
    value_unit: "",
    orientation: null,
    spacing_frame: "none",
    technique: [],
  },
  ...over,
});

describe("decoding a frame", () => {
  it("reads little-endian 16-bit values", () => {
    const bytes = new Uint8Array([0x34, 0x12, 1, 0, 2, 0, 3, 0, 4, 0, 0xff, 0xff]);
    const film = decodeFrame(bytes.buffer, meta(), 0);
    expect([...film.pixels]).toEqual([0x1234, 1, 2, 3, 4, 65535]);
    expect([film.min, film.max]).toEqual([1, 65535]);
  });

  it("reads signed values as signed", () => {
    const bytes = new Int16Array([-1024, -1, 0, 1, 5, 3071]).buffer;
    const film = decodeFrame(bytes, meta({ dtype: "int16", is_signed: true }), 0);
    expect([film.min, film.max]).toEqual([-1024, 3071]);
    expect(valueAt(film, 0, 0)).toEqual([-1024]);
  });

  it("refuses a film that was cut short, and one that is too long", () => {
    for (const length of [0, 11, 14]) {
      expect(() => decodeFrame(new ArrayBuffer(length), meta(), 0)).toThrow(
        `The film arrived with ${length} bytes instead of 12.`,
      );
    }
  });

  it("refuses impossible shapes and unknown types", () => {
    expect(() => decodeFrame(new ArrayBuffer(0), meta({ rows: 0 }), 0)).toThrow(
      /impossible shape/,
    );
    expect(() =>
      decodeFrame(new ArrayBuffer(0), meta({ dtype: "float32" as "uint16" }), 0),
    ).toThrow(/unknown type/);
  });

  it("gives the values the file means, and null beside the film", () => {
    const film = decodeFrame(
      new Uint16Array([0, 1, 2, 3, 4, 5]).buffer,
      meta({ slope: 2, intercept: -10 }),
      0,
    );
    expect(valueAt(film, 2, 1)).toEqual([0]);
    expect(valueAt(film, 3, 0)).toBeNull();
    expect(valueAt(film, 0, -1)).toBeNull();
  });
});

describe("windowing", () => {
  it("follows the worked example of PS3.3 C.11.2.1.2.1", () => {
    // C = 2048, W = 4096: 0 is black, 4095 white. C = 2047.5 (LINEAR_EXACT) likewise.
    const window = { center: 2048, width: 4096 };
    expect(greyLevel(0, window, "LINEAR")).toBe(0);
    expect(greyLevel(4095, window, "LINEAR")).toBe(1);
    expect(greyLevel(2047.5, window, "LINEAR")).toBeCloseTo(0.5);
  });

  it("of width 1 is a step at the centre", () => {
    const window = { center: 100, width: 1 };
    expect(greyLevel(99.5, window, "LINEAR")).toBe(0);
    expect(greyLevel(99.6, window, "LINEAR")).toBe(1);
  });

  it("LINEAR_EXACT spans centre minus and plus half the width", () => {
    const window = { center: 50, width: 100 };
    expect([0, 25, 50, 100, 101].map((x) => greyLevel(x, window, "LINEAR_EXACT"))).toEqual([
      0, 0.25, 0.5, 1, 1,
    ]);
  });

  it("SIGMOID has the logistic shape of C.11.2.1.3.1", () => {
    const window = { center: 50, width: 100 };
    expect(greyLevel(50, window, "SIGMOID")).toBe(0.5);
    expect(greyLevel(75, window, "SIGMOID")).toBeCloseTo(0.731059, 5);
  });

  it("takes an unknown function for LINEAR", () => {
    expect(voiFunctionOf("")).toBe("LINEAR");
    expect(voiFunctionOf("SIGMOID")).toBe("SIGMOID");
  });

  it("turns MONOCHROME1 once: its minimum is white, inverted it is black", () => {
    const film = { min: 0, max: 255, meta: meta({ photometric: "MONOCHROME1" }) };
    const window = { center: 128, width: 256 };
    expect(greyTable(film, window, "LINEAR", false).levels[0]).toBe(255);
    expect(greyTable(film, window, "LINEAR", true).levels[0]).toBe(0);
    const plain = { ...film, meta: meta() };
    expect(greyTable(plain, window, "LINEAR", false).levels[0]).toBe(0);
  });

  it("starts its table at the film's minimum, also when that is negative", () => {
    const film = { min: -1000, max: 1000, meta: meta({ slope: 1, intercept: 0 }) };
    const table = greyTable(film, { center: 0.5, width: 2001 }, "LINEAR", false);
    expect(table.levels).toHaveLength(2001);
    expect(table.levels[0]).toBe(0);
    expect(table.levels[1000]).toBe(128);
    expect(table.levels[2000]).toBe(255);
  });

  it("keeps the table of a 32-bit film small", () => {
    const film = { min: 0, max: 2 ** 32 - 1, meta: meta() };
    const table = greyTable(film, { center: 2 ** 31, width: 2 ** 32 }, "LINEAR", false);
    expect(table.levels.length).toBeLessThanOrEqual(1 << 20);
    expect(table.levels[(2 ** 31) >>> table.shift]).toBe(128);
  });

  it("falls back to the 1st and 99th percentile", () => {
    const values = Uint16Array.from({ length: 1001 }, (_, i) => i);
    const film = decodeFrame(values.buffer, meta({ rows: 1, columns: 1001 }), 0);
    expect(percentileWindow(film)).toEqual({ center: 500.5, width: 981 });
    expect(initialWindow(film)).toEqual({ center: 500.5, width: 981 });
  });

  it("passes over a window of the file that makes no sense", () => {
    const windows = [
      { center: 5, width: 0, label: "broken" },
      { center: 40, width: 400, label: "Soft tissue" },
    ];
    const film = decodeFrame(new ArrayBuffer(12), meta({ windows }), 0);
    expect(initialWindow(film)).toEqual({ center: 40, width: 400 });
  });
});

describe("smaller copies", () => {
  it("hold means of 2 x 2 pixels, signed values included", () => {
    const values = new Int16Array([-4, -8, 10, 20, -4, -8, 30, 40]);
    const film = decodeFrame(
      values.buffer,
      meta({ rows: 2, columns: 4, dtype: "int16", is_signed: true }),
      0,
    );
    expect([...levelFor(film, 0.4).pixels]).toEqual([-6, 25]);
    expect(levelFor(film, 1).step).toBe(1);
    expect(levelFor(film, 0.51).step).toBe(1);
    expect(levelFor(film, 0.5).step).toBe(2);
  });
});

describe("the cache", () => {
  it("drops the longest unused until the bytes fit", () => {
    const gone: string[] = [];
    const cache = new ByteLru<string>(100, (key) => gone.push(key));
    cache.set("a", "A", 40);
    cache.set("b", "B", 40);
    cache.get("a");
    cache.set("c", "C", 40);
    expect(gone).toEqual(["b"]);
    expect(cache.bytes).toBe(80);
  });

  it("keeps the newest even when it alone is too large", () => {
    const cache = new ByteLru<string>(10);
    cache.set("a", "A", 5);
    cache.set("big", "B", 50);
    expect([cache.has("a"), cache.has("big"), cache.bytes]).toEqual([false, true, 50]);
  });
});

describe("the film store", () => {
  const source = () => ({
    meta: vi.fn((id: string) => Promise.resolve(meta({ id }))),
    frame: vi.fn((_id: string, _frame: number) => Promise.resolve(new ArrayBuffer(12))),
  });

  it("asks the server once for two askers, and never again", async () => {
    const server = source();
    const store = new FilmStore(server);
    const [a, b] = await Promise.all([store.load("x", 0), store.load("x", 0)]);
    expect(a).toBe(b);
    expect(await store.load("x", 0)).toBe(a);
    expect(server.frame).toHaveBeenCalledTimes(1);
  });

  it("does not remember a failure", async () => {
    const server = source();
    server.frame.mockRejectedValueOnce(new Error("offline"));
    const store = new FilmStore(server);
    await expect(store.load("x", 0)).rejects.toThrow("offline");
    await expect(store.load("x", 0)).resolves.toMatchObject({ frame: 0 });
  });

  it("stays within its bytes and tells what left", async () => {
    const gone: string[] = [];
    const store = new FilmStore(source(), 20, (id, frame) => gone.push(`${id}/${frame}`));
    await store.load("x", 0);
    await store.load("y", 3);
    expect(gone).toEqual(["x/0"]);
    expect(store.bytes).toBeLessThanOrEqual(20);
  });
});

describe("fetching ahead", () => {
  const bytesOf = (): ArrayBuffer => new ArrayBuffer(12);
  const places = (n: number, prefix: string) =>
    Array.from({ length: n }, (_, i) => ({ imageId: `${prefix}${i}`, frame: 0 }));

  it("asks for two films at a time, the nearest first, and leaves out what it has", async () => {
    const waiting: (() => void)[] = [];
    const asked: string[] = [];
    const store = new FilmStore({
      meta: (id) => Promise.resolve(meta({ id })),
      frame: (id) => {
        asked.push(id);
        return new Promise((resolve) => waiting.push(() => resolve(bytesOf())));
      },
    });
    store.prefetchAround(places(4, "s"));
    await vi.waitFor(() => expect(asked).toEqual(["s0", "s1"]));
    // The reader moved on: what was wanted before is dropped.
    store.prefetchAround([
      { imageId: "s1", frame: 0 },
      { imageId: "far", frame: 0 },
    ]);
    waiting.splice(0).forEach((done) => done());
    await vi.waitFor(() => expect(asked).toEqual(["s0", "s1", "far"]));
  });

  it("goes on after a film that cannot be fetched", async () => {
    const store = new FilmStore({
      meta: (id) => Promise.resolve(meta({ id })),
      frame: (id) =>
        id === "n0" ? Promise.reject(new Error("gone")) : Promise.resolve(bytesOf()),
    });
    store.prefetch(["n0", "n1", "n2"]);
    await vi.waitFor(() => expect(store.has("n2", 0)).toBe(true));
    expect(store.has("n0", 0)).toBe(false);
  });

  it("holds no more after five hundred cases than after fifty", async () => {
    const side = 64;
    const bytes = side * side * 2;
    const room = 20 * bytes;
    const evicted = new Set<string>();
    const store = new FilmStore(
      {
        meta: (id) => Promise.resolve(meta({ id, rows: side, columns: side })),
        frame: () => Promise.resolve(new ArrayBuffer(bytes)),
      },
      room,
      (id) => evicted.add(id),
    );
    const held: { bytes: number; metas: number }[] = [];
    for (let n = 0; n < 500; n += 1) {
      store.prefetch([`case${n + 1}`, `other${n + 1}`]);
      await store.load(`case${n + 1}`, 0);
      expect(store.bytes).toBeLessThanOrEqual(room);
      held.push({ bytes: store.bytes, metas: store.metaCount });
    }
    expect(held[499]?.bytes).toBe(held[50]?.bytes);
    expect(held[499]?.metas).toBe(256);
    // Who left memory was told of to Cornerstone as well, whose cache holds the same pixels.
    expect(evicted.size).toBeGreaterThan(480);
  });
});
