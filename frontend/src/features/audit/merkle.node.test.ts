// @vitest-environment node
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { selectedPosition, DEFAULT_FILTERS, toQuery, toUtc } from "./filters";
import { hashLeaf, hexOf, verifyInclusion } from "./merkle";

/**
 * The test vectors of Google's certificate-transparency project for RFC 6962: eight leaves, the
 * roots of their first n, and inclusion paths. All of their bytes are ASCII, so strings hold them.
 */
const LEAVES = [
  "",
  "\x00",
  "\x10",
  "\x20\x21",
  "\x30\x31",
  "\x40\x41\x42\x43",
  "\x50\x51\x52\x53\x54\x55\x56\x57",
  "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOT_OF_1 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
const ROOT_OF_3 = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77";
const ROOT_OF_5 = "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4";
const ROOT_OF_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
const VECTORS = [
  { position: 0, treeSize: 1, rootHash: ROOT_OF_1, path: [] },
  {
    position: 0,
    treeSize: 8,
    rootHash: ROOT_OF_8,
    path: [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  },
  {
    position: 5,
    treeSize: 8,
    rootHash: ROOT_OF_8,
    path: [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
  {
    position: 2,
    treeSize: 3,
    rootHash: ROOT_OF_3,
    path: ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  },
  {
    position: 1,
    treeSize: 5,
    rootHash: ROOT_OF_5,
    path: [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  },
];

describe("the published vectors", () => {
  it("hash the empty leaf as RFC 6962 says", async () => {
    expect(hexOf(await hashLeaf(""))).toBe(ROOT_OF_1);
  });

  it.each(VECTORS)("prove leaf $position of $treeSize", async (vector) => {
    const result = await verifyInclusion({ ...vector, leaf: LEAVES[vector.position]! });
    expect(result).toMatchObject({ ok: true, problem: null, computedRoot: vector.rootHash });
    expect(result.steps).toHaveLength(vector.path.length);
  });
});

// An independent reference: the recursive definitions of RFC 6962 2.1 over node's hash.
const sha = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
const splitAt = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);
const root = (hashes: Buffer[]): Buffer =>
  hashes.length === 1
    ? hashes[0]!
    : sha(
        Buffer.of(1),
        root(hashes.slice(0, splitAt(hashes.length))),
        root(hashes.slice(splitAt(hashes.length))),
      );
function pathTo(index: number, hashes: Buffer[]): Buffer[] {
  if (hashes.length === 1) return [];
  const k = splitAt(hashes.length);
  const [left, right] = [hashes.slice(0, k), hashes.slice(k)];
  return index < k
    ? [...pathTo(index, left), root(right)]
    : [...pathTo(index - k, right), root(left)];
}
const hashesOf = (size: number) =>
  Array.from({ length: size }, (_, index) =>
    sha(Buffer.of(0), Buffer.from(`{"position":${index}}`)),
  );
const claimOf = (position: number, size: number) => ({
  leaf: `{"position":${position}}`,
  position,
  treeSize: size,
  path: pathTo(position, hashesOf(size)).map((node) => node.toString("hex")),
  rootHash: root(hashesOf(size)).toString("hex"),
});

describe("any tree", () => {
  it("of up to 33 entries proves every entry", async () => {
    for (let size = 1; size <= 33; size += 1) {
      for (let position = 0; position < size; position += 1) {
        const result = await verifyInclusion(claimOf(position, size));
        expect(result.problem, `${position} of ${size}`).toBeNull();
      }
    }
  });

  it.each([
    ["an altered leaf", { leaf: '{"position":6} ' }],
    ["another position", { position: 7 }],
    ["a tree of another depth", { treeSize: 16 }],
    ["another root", { rootHash: ROOT_OF_8 }],
    ["a path cut short", { path: claimOf(6, 21).path.slice(0, -1) }],
    ["a path made longer", { path: [...claimOf(6, 21).path, ROOT_OF_1] }],
    ["a path with a broken digest", { path: ["zz", ...claimOf(6, 21).path.slice(1)] }],
    ["a position outside the tree", { position: 21 }],
    ["a position that is no number", { position: Number.NaN }],
  ])("is not proved with %s", async (_, change) => {
    const result = await verifyInclusion({ ...claimOf(6, 21), ...change });
    expect(result.ok).toBe(false);
    expect(result.problem).not.toBeNull();
  });
});

describe("the audit filters", () => {
  it("send local moments as UTC and drop what is not a moment", () => {
    expect(toUtc("2026-11-22T18:00")).toBe(new Date(2026, 10, 22, 18).toISOString());
    expect(toUtc("rubbish")).toBe("");
    expect(toQuery({ ...DEFAULT_FILTERS, actor: " ada ", entry: "4" })).toEqual({
      kind: "",
      actor: "ada",
      q: "",
      case: "",
      since: "",
      until: "",
    });
  });

  it("take only a number as the selected entry", () => {
    expect(selectedPosition({ ...DEFAULT_FILTERS, entry: "0" })).toBe(0);
    expect(selectedPosition({ ...DEFAULT_FILTERS, entry: "1e3" })).toBeNull();
    expect(selectedPosition(DEFAULT_FILTERS)).toBeNull();
  });
});
