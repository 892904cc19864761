/** Uploads of the mock: each file is taken, worked on for a moment, and given a fate by its name. */
import type { ItemStatus, UploadIn, UploadItem, UploadOut } from "../../src/api/types";
import { ME } from "./cases.ts";
import { sha, type World } from "./world.ts";

export function openUpload(world: World, body: UploadIn): UploadOut {
  const upload: UploadOut = {
    id: `up-${world.uploads.size + 1}`,
    worklist: body.worklist,
    claim_reference: body.claim_reference,
    source: "browser",
    created_at: new Date().toISOString(),
    created_by: ME,
    state: "open",
    counts: {
      received: 0,
      unpacking: 0,
      stored: 0,
      duplicate: 0,
      quarantined: 0,
      cancelled: 0,
    },
    total: body.expected_files ?? 0,
  };
  world.uploads.set(upload.id, upload);
  world.items.set(upload.id, []);
  world.log.append("upload.opened", `Opened an upload of ${body.expected_files} files`, {
    actor: ME,
    subject: upload.id,
  });
  return upload;
}

interface Fate {
  status: ItemStatus;
  code: string | null;
  reason: string | null;
}

function fateOf(fileName: string, seenBefore: boolean): Fate {
  if (/\.(txt|docx?|pdf)$/i.test(fileName)) {
    return { status: "quarantined", code: "unreadable", reason: "This is text, not a film." };
  }
  if (/trunc|broken/i.test(fileName)) {
    return {
      status: "quarantined",
      code: "unreadable",
      reason: "The DICOM file ends in the middle of element (7FE0,0010).",
    };
  }
  if (seenBefore) {
    return { status: "duplicate", code: null, reason: "The same bytes were stored before." };
  }
  return { status: "stored", code: null, reason: null };
}

export function addFile(
  world: World,
  upload: UploadOut,
  form: { fileName: string; relativePath: string; sizeBytes: number },
): UploadItem {
  const items = world.items.get(upload.id) ?? [];
  const name = form.relativePath === "" ? form.fileName : form.relativePath;
  const digest = sha(`${form.fileName}/${form.sizeBytes}`);
  const twin = [...world.items.values()].flat().find((item) => item.sha256 === digest);
  const item: UploadItem = {
    id: `${upload.id}-${items.length + 1}`,
    upload_id: upload.id,
    parent_id: null,
    file_name: name,
    size_bytes: form.sizeBytes,
    sha256: digest,
    status: "received",
    code: "",
    reason: "",
    case_id: null,
    version: 1,
  };
  items.push(item);
  world.items.set(upload.id, items);
  count(upload, items);
  setTimeout(
    () => settle(world, upload, item, fateOf(name, twin !== undefined), twin?.case_id ?? null),
    600 + Math.random() * 1200,
  );
  return item;
}

function settle(
  world: World,
  upload: UploadOut,
  item: UploadItem,
  fate: Fate,
  twinCase: string | null,
): void {
  if (item.status !== "received") return;
  Object.assign(item, fate);
  item.version += 1;
  if (fate.status === "stored") item.case_id = world.addCase(upload.worklist, item.file_name);
  if (fate.status === "duplicate") item.case_id = twinCase;
  if (fate.status === "quarantined") {
    world.quarantine.unshift({
      id: item.id,
      file_name: item.file_name,
      size_bytes: item.size_bytes,
      sha256: item.sha256 ?? "",
      code: fate.code ?? "",
      reason: fate.reason ?? "",
      source: "browser",
      received_at: new Date().toISOString(),
    });
  }
  count(upload, world.items.get(upload.id) ?? []);
  const { id, version, status } = item;
  world.send({ kind: "upload_item.changed", id, version, status, upload_id: upload.id });
  world.send({ kind: "upload.changed", id: upload.id, version });
}

function count(upload: UploadOut, items: UploadItem[]): void {
  for (const status of Object.keys(upload.counts) as ItemStatus[]) {
    upload.counts[status] = items.filter((item) => item.status === status).length;
  }
  upload.total = Math.max(upload.total, items.length);
  const busy = upload.counts.received + upload.counts.unpacking;
  if (busy === 0 && items.length >= upload.total) upload.state = "settled";
}

export function cancelUpload(world: World, upload: UploadOut): UploadOut {
  const items = world.items.get(upload.id) ?? [];
  for (const item of items) if (item.status === "received") item.status = "cancelled";
  count(upload, items);
  upload.state = "cancelled";
  world.send({ kind: "upload.changed", id: upload.id, version: 1 });
  return upload;
}
