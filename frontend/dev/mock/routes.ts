/** Answers the calls of docs/api.md out of the mock's world. */
import type { CaseRow, DraftIn, SealIn, UploadIn, VerdictIn } from "../../src/api/types";
import { ME, type MockCase } from "./cases.ts";
import { filmPixels, heatmap, imageMeta, previewSvg } from "./film.ts";
import { KINDS } from "./log.ts";
import { addFile, cancelUpload, openUpload } from "./uploads.ts";
import { INSIGHTS, MODELS, REASON_CODES, sha, type World } from "./world.ts";

export interface Call {
  method: string;
  query: URLSearchParams;
  json: unknown;
  /** The parts of a multipart body, with the name of the file in it. */
  form: { fileName: string; relativePath: string; sizeBytes: number } | null;
}

export type Answer =
  | { status: number; json: unknown }
  | { status: number; bytes: Uint8Array | string; type: string };

export function problem(status: number, code: string, detail: string): Answer {
  return { status, json: { type: "about:blank", title: code, status, code, detail } };
}

const ok = (json: unknown, status = 200): Answer => ({ status, json });
const notFound = () =>
  problem(404, "not_found", "There is nothing here, or you may not see it.");

const SORTERS: Record<string, (a: CaseRow, b: CaseRow) => number> = {
  received: (a, b) => a.received_at.localeCompare(b.received_at),
  patient: (a, b) => a.patient.name.localeCompare(b.patient.name),
  modality: (a, b) => a.modality.localeCompare(b.modality),
  suspicion: (a, b) => (a.triage?.suspicion ?? -1) - (b.triage?.suspicion ?? -1),
  shuffled: (a, b) => sha(a.id).localeCompare(sha(b.id)),
};

/** The fields of a search as the query of the same list. */
function queryOf(body: unknown): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(body ?? {})) {
    if (value !== null) query.set(name, String(value));
  }
  return query;
}

function listCases(world: World, slug: string, query: URLSearchParams): Answer {
  const worklist = world.worklists().find((known) => known.slug === slug);
  if (worklist === undefined) return notFound();
  const state = query.get("state") ?? "open";
  const q = (query.get("q") || query.get("filter") || "").toLowerCase();
  const rows = [...world.cases.values()]
    .filter(({ detail }) => detail.worklist.slug === slug)
    .map((made) => world.row(made))
    .filter(
      (row) =>
        state === "all" || (state === "open" ? row.state !== "done" : row.state === state),
    )
    .filter((row) => !query.get("modality") || row.modality === query.get("modality"))
    .filter((row) => query.get("mine") !== "true" || row.claimed_by?.id === ME.id)
    .filter((row) => query.get("mine") !== "unclaimed" || row.claimed_by === null)
    .filter((row) =>
      `${row.patient.name} ${row.patient.patient_id} ${row.description} ${row.accession_number}`
        .toLowerCase()
        .includes(q),
    );
  const sort = query.get("sort") ?? (worklist.mode === "triage" ? "-suspicion" : "shuffled");
  const sorter = SORTERS[sort.replace(/^-/, "")];
  if (sorter !== undefined) rows.sort(sorter);
  if (sort.startsWith("-")) rows.reverse();
  const offset = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  const next = offset + limit < rows.length ? String(offset + limit) : null;
  return ok({
    items: rows.slice(offset, offset + limit),
    next_cursor: next,
    total: rows.length,
    is_total_exact: true,
  });
}

function seal(world: World, made: MockCase, body: SealIn): Answer {
  const { detail } = made;
  if (detail.first_read !== null) {
    return problem(409, "already_sealed", "You have already sealed an answer for this case.");
  }
  if (detail.state === "analysing") {
    return problem(409, "not_ready", "The lanes are still at work on this case.");
  }
  const event = world.log.append("read.sealed", "Sealed a blind answer", {
    actor: ME,
    caseId: detail.id,
  });
  detail.first_read = {
    ...body,
    reason_words: [],
    id: `r-${detail.id}`,
    mode: detail.worklist.mode === "triage" ? "informed" : "blind",
    kind: "first",
    policy_version: 1,
    sealed_at: event.occurred_at,
    seal_sha256: sha(JSON.stringify(body)),
    log_position: event.position,
    reader: ME,
  };
  detail.read_phase = "sealed";
  detail.state = "sealed";
  world.touch(made);
  return ok({ read: detail.first_read, log_position: event.position }, 201);
}

function decide(world: World, made: MockCase, body: VerdictIn): Answer {
  const { detail, evidence } = made;
  if (detail.first_read === null) return problem(403, "seal_first", "Seal your answer first.");
  if (detail.verdict !== null) {
    return problem(409, "already_decided", "You have already filed a verdict for this case.");
  }
  if (body.reason_codes.length === 0) {
    return problem(422, "reason_required", "Give at least one reason.");
  }
  const event = world.log.append("verdict.filed", `Filed a verdict: ${body.decision}`, {
    actor: ME,
    caseId: detail.id,
  });
  const agrees = body.decision === "confirm";
  const outcome =
    body.decision === "inconclusive"
      ? "inconclusive"
      : agrees === evidence.flagged
        ? "suspicious"
        : "authentic";
  detail.verdict = {
    ...body,
    reason_words: [],
    changed_mind_code: body.changed_mind_code ?? null,
    id: `v-${detail.id}`,
    outcome,
    filed_at: event.occurred_at,
    log_position: event.position,
    reader: ME,
    flagged: evidence.flagged,
    replaces: null,
    amend_reason: "",
  };
  detail.closed = { outcome, how: "single" };
  detail.state = "done";
  detail.read_phase = "done";
  detail.claimed_by = null;
  world.labels.unshift(world.label(made));
  world.touch(made);
  return ok(detail.verdict, 201);
}

function claim(world: World, made: MockCase, method: string): Answer {
  const { detail } = made;
  if (detail.claimed_by !== null && detail.claimed_by.id !== ME.id) {
    return problem(409, "claimed_by_other", "Another reader has claimed this case.");
  }
  const claims = method === "POST";
  detail.claimed_by = claims ? ME : null;
  detail.claim_expires_at = claims ? new Date(Date.now() + 1_800_000).toISOString() : null;
  if (detail.state === "ready" || detail.state === "in_read") {
    detail.state = claims ? "in_read" : "ready";
  }
  world.touch(made);
  return ok(world.row(made));
}

/** Says that it keeps a draft, and forgets it. */
function keepDraft({ method, json }: Call): Answer {
  if (method !== "PUT") return ok({ read: null, verdict: null, ruling: null });
  const draft = json as DraftIn;
  return ok({ ...draft, revision: draft.revision + 1, saved_at: new Date().toISOString() });
}

function caseCall(world: World, parts: string[], call: Call): Answer {
  const made = world.cases.get(parts[1] ?? "");
  if (made === undefined) return notFound();
  const { detail } = made;
  const [, , what, imageId, lane] = parts;
  if (what === undefined) return ok({ ...detail, ...world.row(made) });
  if (what === "claim") return claim(world, made, call.method);
  if (what === "seal") return seal(world, made, call.json as SealIn);
  if (what === "verdict") return decide(world, made, call.json as VerdictIn);
  if (what === "drafts") return keepDraft(call);
  if (what === "next") {
    const next = [...world.cases.values()].find(
      (other) =>
        other.detail.worklist.slug === detail.worklist.slug &&
        other.detail.id !== detail.id &&
        other.detail.state === "ready" &&
        other.detail.read_phase === "unread",
    );
    return ok(next === undefined ? null : { case_id: next.detail.id });
  }
  if (what !== "evidence") return notFound();
  if (detail.worklist.mode === "blind_first" && detail.first_read === null) {
    return problem(403, "seal_first", "Seal your answer before you see the evidence.");
  }
  if (imageId === undefined) return ok(made.evidence);
  return ok(heatmap(lane ?? ""));
}

function imageCall(parts: string[]): Answer {
  const [, id = "", what] = parts;
  if (what === undefined) return ok(imageMeta(id));
  if (what === "preview") return { status: 200, bytes: previewSvg(id), type: "image/svg+xml" };
  const pixels = filmPixels(id);
  return {
    status: 200,
    bytes: new Uint8Array(pixels.buffer),
    type: "application/octet-stream",
  };
}

function uploadCall(world: World, parts: string[], call: Call): Answer {
  const [, id, what] = parts;
  if (id === undefined && call.method === "POST") {
    return ok(openUpload(world, call.json as UploadIn), 201);
  }
  if (id === undefined) {
    return ok({ items: [...world.uploads.values()].reverse(), next_cursor: null });
  }
  const upload = world.uploads.get(id);
  if (upload === undefined) return notFound();
  if (what === undefined) return ok(upload);
  if (what === "items") return ok({ items: world.items.get(id) ?? [], next_cursor: null });
  if (what === "cancel") return ok(cancelUpload(world, upload));
  if (what === "files" && call.form !== null) return ok(addFile(world, upload, call.form), 202);
  return notFound();
}

function learningCall(world: World, what: string | undefined): Answer {
  if (what === "models") return ok(MODELS);
  if (what === "labels") {
    return ok({ items: world.labels, next_cursor: null, total: world.labels.length });
  }
  return { status: 200, bytes: "label_id,outcome\n", type: "text/csv" };
}

/** The answer to a call of /api/v1; `path` is what follows that. */
export function answer(world: World, path: string, call: Call): Answer {
  const parts = path.split("/").filter((part) => part !== "");
  const [head, second, third] = parts;
  const worklists = world.worklists();
  switch (head) {
    case "me":
      return ok({
        ...ME,
        username: "ada",
        role: "admin",
        site: { id: "s-1", name: "North Clinic" },
        permissions:
          "read_cases upload view_quarantine view_audit view_insights export_labels view_models administer".split(
            " ",
          ),
        worklists,
        columns: {},
        keys: {},
        single_keys: true,
      });
    case "worklists":
      if (second === undefined) return ok(worklists);
      if (third === "queues") {
        return ok({ mine: 0, unclaimed: 12, second_reads: 3, adjudication: 1 });
      }
      if (third === "views") return ok([]);
      return listCases(world, second, call.method === "POST" ? queryOf(call.json) : call.query);
    case "cases":
      return caseCall(world, parts, call);
    case "reason-codes":
      return ok(REASON_CODES);
    case "images":
      return imageCall(parts);
    case "uploads":
      return uploadCall(world, parts, call);
    case "quarantine":
      return ok({
        items: world.quarantine.filter((item) =>
          `${item.file_name} ${item.reason}`
            .toLowerCase()
            .includes((queryOf(call.json).get("q") ?? "").toLowerCase()),
        ),
        next_cursor: null,
      });
    case "audit":
      if (second === "kinds") return ok(KINDS);
      if (third === undefined) return ok(world.log.list(call.query));
      return ok(world.log.proof(Number(third)));
    case "learning":
      return learningCall(world, second);
    case "insights": {
      const open = worklists.reduce((sum, worklist) => sum + worklist.open_count, 0);
      return ok({ open_cases: open, oldest_open_minutes: 431, ...INSIGHTS });
    }
    default:
      return notFound();
  }
}
