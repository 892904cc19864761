/** What this tab sent and what the server made of it, as one list of rows. */
import { refusalWords } from "@/api/refusals";
import type { ItemStatus, UploadItem } from "@/api/types";

import type { Job } from "./queue";

export type RowStatus = ItemStatus | "waiting" | "sending" | "failed";

export interface FileRow {
  key: string;
  path: string;
  sizeBytes: number;
  status: RowStatus;
  /** 0..1 while sending. */
  sentRatio: number;
  reason: string | null;
  caseId: string | null;
  /** Came out of an archive. */
  isNested: boolean;
}

const PROBLEMS: ReadonlySet<RowStatus> = new Set(["failed", "quarantined"]);

export function isProblem(row: FileRow): boolean {
  return PROBLEMS.has(row.status);
}

export function rowOfItem(item: UploadItem): FileRow {
  return {
    key: item.id,
    path: item.file_name,
    sizeBytes: item.size_bytes,
    status: item.status,
    sentRatio: 1,
    reason: refusalWords(item.code, item.reason),
    caseId: item.case_id,
    isNested: item.parent_id !== null,
  };
}

/** One row per file sent from here, in that order, each archive followed by its members. */
export function mergeJobs(jobs: readonly Job[], items: readonly UploadItem[]): FileRow[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const members = new Map<string, UploadItem[]>();
  for (const item of items) {
    if (item.parent_id === null) continue;
    members.set(item.parent_id, [...(members.get(item.parent_id) ?? []), item]);
  }
  return jobs.flatMap((job) => {
    const item = job.itemId === null ? undefined : byId.get(job.itemId);
    const row = item === undefined ? rowOfJob(job) : { ...rowOfItem(item), path: job.path };
    return [row, ...(job.itemId === null ? [] : withMembers(job.itemId, members))];
  });
}

function withMembers(parentId: string, members: Map<string, UploadItem[]>): FileRow[] {
  return (members.get(parentId) ?? []).flatMap((item) => [
    rowOfItem(item),
    ...withMembers(item.id, members),
  ]);
}

function rowOfJob(job: Job): FileRow {
  return {
    key: `job-${job.id}`,
    path: job.path,
    sizeBytes: job.file.size,
    status: job.state === "sent" ? "received" : job.state,
    sentRatio: job.file.size === 0 ? 0 : job.sentBytes / job.file.size,
    reason: job.problem,
    caseId: null,
    isNested: false,
  };
}

export function countBy(rows: readonly FileRow[]): Map<RowStatus, number> {
  const counts = new Map<RowStatus, number>();
  for (const { status } of rows) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}
