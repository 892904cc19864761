/** A real RFC 6962 tree over invented events, so that the audit page verifies true proofs. */
import { createHash } from "node:crypto";

import type { EventKind, EventOut, EventPage, Person, ProofOut } from "../../src/api/types";

export const KINDS: EventKind[] = [
  { kind: "upload.opened", label: "Upload opened" },
  { kind: "instance.stored", label: "Film stored" },
  { kind: "instance.quarantined", label: "File quarantined" },
  { kind: "run.completed", label: "Analysis completed" },
  { kind: "case.claimed", label: "Case claimed" },
  { kind: "read.sealed", label: "Read sealed" },
  { kind: "verdict.filed", label: "Verdict filed" },
  { kind: "labels.exported", label: "Labels exported" },
  { kind: "audit.viewed", label: "Audit log viewed" },
];

function sha256(...parts: Buffer[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

const leafHash = (leaf: string): Buffer => sha256(Buffer.from([0]), Buffer.from(leaf, "utf8"));
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.from([1]), left, right);

/** The largest power of two below n. RFC 6962 2.1. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function rootOf(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  const k = splitPoint(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

function pathOf(index: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length <= 1) return [];
  const k = splitPoint(leaves.length);
  return index < k
    ? [...pathOf(index, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathOf(index - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

export class MockLog {
  #events: EventOut[] = [];
  #leaves: string[] = [];
  #hashes: Buffer[] = [];

  append(
    kind: string,
    text: string,
    options: {
      actor?: Person | null;
      caseId?: string | null;
      subject?: string;
      at?: number;
    } = {},
  ): EventOut {
    const position = this.#events.length;
    const at = new Date(options.at ?? Date.now()).toISOString();
    const subject = options.subject ?? options.caseId ?? "";
    const leaf = JSON.stringify({
      actor: options.actor?.id ?? null,
      at,
      kind,
      payload: {
        case: options.caseId ?? null,
        text_commitment: sha256(Buffer.from(text)).toString("hex"),
      },
      position,
      subject,
      v: 1,
    });
    const hash = leafHash(leaf);
    const event: EventOut = {
      position,
      kind,
      label: KINDS.find((known) => known.kind === kind)?.label ?? kind,
      occurred_at: at,
      actor: options.actor ?? null,
      case_id: options.caseId ?? null,
      subject,
      text,
      leaf_hash: hash.toString("hex"),
    };
    this.#events.push(event);
    this.#leaves.push(leaf);
    this.#hashes.push(hash);
    return event;
  }

  list(query: URLSearchParams): EventPage {
    const q = (query.get("q") ?? "").toLowerCase();
    const before = Number(query.get("cursor") ?? this.#events.length);
    const limit = Number(query.get("limit") ?? 50);
    const wanted = this.#events
      .filter((event) => event.position < before)
      .filter((event) => !query.get("kind") || event.kind === query.get("kind"))
      .filter(
        (event) =>
          !query.get("actor") ||
          event.actor?.id === query.get("actor") ||
          event.actor?.display_name.toLowerCase().includes(query.get("actor")!.toLowerCase()),
      )
      .filter((event) => !query.get("case") || event.case_id === query.get("case"))
      .filter((event) => !query.get("since") || event.occurred_at >= query.get("since")!)
      .filter((event) => !query.get("until") || event.occurred_at <= query.get("until")!)
      .filter((event) => q === "" || `${event.text} ${event.subject}`.toLowerCase().includes(q))
      .reverse();
    const items = wanted.slice(0, limit);
    return {
      items,
      next_cursor: wanted.length > limit ? String(items.at(-1)?.position) : null,
      tree_size: this.#events.length,
      root_hash: rootOf(this.#hashes).toString("hex"),
    };
  }

  proof(position: number): ProofOut | null {
    const hash = this.#hashes[position];
    const leaf = this.#leaves[position];
    if (hash === undefined || leaf === undefined) return null;
    return {
      position,
      tree_size: this.#hashes.length,
      leaf_hash: hash.toString("hex"),
      root_hash: rootOf(this.#hashes).toString("hex"),
      path: pathOf(position, this.#hashes).map((node) => node.toString("hex")),
      leaf,
    };
  }
}
