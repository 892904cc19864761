/**
 * Inclusion proofs of RFC 6962 / RFC 9162, checked in the browser with WebCrypto.
 *
 * A leaf hashes as SHA-256(0x00 || leaf), a node as SHA-256(0x01 || left || right).
 */
import { t } from "@lingui/core/macro";

export interface ProofStep {
  /** On which side of the path's own node the sibling stands. */
  siblingSide: "left" | "right";
  sibling: string;
  /** The node above both. */
  parent: string;
}

export interface Verification {
  ok: boolean;
  leafHash: string;
  computedRoot: string;
  steps: ProofStep[];
  /** What fails, in words; null when `ok`. */
  problem: string | null;
}

export interface InclusionClaim {
  /** The canonical JSON of the entry, exactly as hashed. */
  leaf: string;
  position: number;
  treeSize: number;
  /** Hex digests, lowest sibling first. */
  path: readonly string[];
  rootHash: string;
}

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const DIGEST_BYTES = 32;

export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of `hex`, or null if it is not a SHA-256 digest. */
export function digestOf(hex: string): Uint8Array | null {
  if (!/^[0-9a-f]{64}$/i.test(hex)) return null;
  return Uint8Array.from({ length: DIGEST_BYTES }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}

async function sha256(...parts: (Uint8Array | number)[]): Promise<Uint8Array> {
  const chunks = parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part));
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

export function hashLeaf(leaf: string): Promise<Uint8Array> {
  return sha256(LEAF_PREFIX, new TextEncoder().encode(leaf));
}

/** Whether this browser can check at all: WebCrypto needs https or localhost. */
export function canVerify(): boolean {
  return typeof crypto !== "undefined" && "subtle" in crypto && crypto.subtle !== undefined;
}

/**
 * Recompute the root from the leaf and its path.
 *
 * Source: RFC 9162 2.1.3.2, with `fn`, `sn` and `r` named as there. Halving is done by
 * division, since positions may exceed the 32 bits of JavaScript's shifts.
 */
export async function verifyInclusion(claim: InclusionClaim): Promise<Verification> {
  const { leaf, position, treeSize, path, rootHash } = claim;
  let r = await hashLeaf(leaf);
  const leafHash = hexOf(r);
  const steps: ProofStep[] = [];
  const answer = (problem: string | null): Verification => ({
    ok: problem === null,
    leafHash,
    computedRoot: hexOf(r),
    steps,
    problem,
  });

  if (!(Number.isSafeInteger(position) && position >= 0 && position < treeSize)) {
    return answer(t`Entry ${position} does not exist in a log of ${treeSize} entries.`);
  }
  let fn = position;
  let sn = treeSize - 1;
  for (const hex of path) {
    const p = digestOf(hex);
    if (p === null) return answer(t`The path holds something that is not a SHA-256 digest.`);
    if (sn === 0) return answer(t`The path is longer than a tree of this size allows.`);
    const siblingIsLeft = fn % 2 === 1 || fn === sn;
    if (siblingIsLeft) {
      r = await sha256(NODE_PREFIX, p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn = fn / 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      r = await sha256(NODE_PREFIX, r, p);
    }
    steps.push({
      siblingSide: siblingIsLeft ? "left" : "right",
      sibling: hex.toLowerCase(),
      parent: hexOf(r),
    });
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  if (sn !== 0) return answer(t`The path is shorter than a tree of this size needs.`);
  if (hexOf(r) !== rootHash.toLowerCase()) {
    return answer(t`The path leads to another root: this entry or the log was altered.`);
  }
  return answer(null);
}
