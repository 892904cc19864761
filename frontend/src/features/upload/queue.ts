/** Sends files four at a time and keeps doing so wherever the reader goes in the app. */
import { t } from "@lingui/core/macro";
import { api, ApiError } from "@/api/client";
import type { UploadIn, UploadItem, UploadOut } from "@/api/types";

import type { PickedFile } from "./collect";
import { type SendFile, sendFile } from "./send";

export type JobState = "waiting" | "sending" | "sent" | "failed" | "cancelled";

export interface Job {
  id: number;
  path: string;
  file: File;
  state: JobState;
  sentBytes: number;
  /** Why it failed, in words. */
  problem: string | null;
  /** The server's item, once it has the bytes. */
  itemId: string | null;
}

export interface Batch {
  id: number;
  /** Null until the server has opened the upload. */
  uploadId: string | null;
  target: Target;
  startedAtMs: number;
  /** Bytes that were already sent at `startedAtMs`: not 0 after a retry. */
  startedAtBytes: number;
  jobs: readonly Job[];
  /** Why the upload could not be opened, in words. */
  problem: string | null;
}

export interface Target {
  worklist: string;
  claimReference: string;
}

export interface Totals {
  running: boolean;
  sentBytes: number;
  totalBytes: number;
}

export interface QueuePorts {
  send: SendFile;
  open: (body: UploadIn) => Promise<UploadOut>;
  cancel: (uploadId: string) => Promise<UploadOut>;
}

const PARALLEL = 4;
/** The page is told of progress at most this often. */
const NOTIFY_MS = 120;

const serverPorts: QueuePorts = {
  send: sendFile,
  open: (body) => api<UploadOut>("/uploads", { method: "POST", body }),
  cancel: (uploadId) => api<UploadOut>(`/uploads/${uploadId}/cancel`, { method: "POST" }),
};

export class UploadQueue {
  #ports: QueuePorts;
  #batches: readonly Batch[] = [];
  #totals: Totals = { running: false, sentBytes: 0, totalBytes: 0 };
  #listeners = new Set<() => void>();
  #aborts = new Map<number, AbortController>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextId = 1;

  constructor(ports: QueuePorts = serverPorts) {
    this.#ports = ports;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Newest first. */
  readonly batches = (): readonly Batch[] => this.#batches;

  readonly totals = (): Totals => this.#totals;

  add(files: readonly PickedFile[], target: Target): void {
    if (files.length === 0) return;
    const batch: Batch = {
      id: this.#takeId(),
      uploadId: null,
      target,
      startedAtMs: Date.now(),
      startedAtBytes: 0,
      problem: null,
      jobs: files.map(({ file, path }) => ({
        id: this.#takeId(),
        path,
        file,
        state: "waiting",
        sentBytes: 0,
        problem: null,
        itemId: null,
      })),
    };
    this.#batches = [batch, ...this.#batches];
    this.#notify();
    void this.#open(batch.id);
  }

  /** Send again what failed, or open the upload again where that failed. */
  retry(batchId: number): void {
    const batch = this.#find(batchId);
    if (batch === undefined) return;
    this.#changeBatch(batchId, {
      problem: null,
      startedAtMs: Date.now(),
      startedAtBytes: sumJobs(batch.jobs).sentBytes,
      jobs: batch.jobs.map((job) =>
        job.state === "failed"
          ? { ...job, state: "waiting", sentBytes: 0, problem: null }
          : job,
      ),
    });
    if (batch.uploadId === null) void this.#open(batchId);
    else this.#pump();
  }

  /** What the server has stays; what waits or is under way is dropped. */
  async cancel(batchId: number): Promise<void> {
    const batch = this.#find(batchId);
    if (batch === undefined) return;
    this.#changeBatch(batchId, {
      jobs: batch.jobs.map((job) =>
        isUnsent(job) || job.state === "failed"
          ? { ...job, state: "cancelled", problem: null }
          : job,
      ),
    });
    for (const job of batch.jobs) this.#aborts.get(job.id)?.abort();
    if (batch.uploadId === null) return;
    try {
      await this.#ports.cancel(batch.uploadId);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#changeBatch(batchId, {
        problem: t`The server was not told of the cancel: ${error.detail}`,
      });
    }
  }

  async #open(batchId: number): Promise<void> {
    const batch = this.#find(batchId);
    if (batch === undefined) return;
    try {
      const upload = await this.#ports.open({
        worklist: batch.target.worklist,
        claim_reference: batch.target.claimReference,
        expected_files: batch.jobs.length,
      });
      this.#changeBatch(batchId, { uploadId: upload.id });
      const wasCancelled = this.#find(batchId)?.jobs.every(
        ({ state }) => state === "cancelled",
      );
      if (wasCancelled === true) await this.cancel(batchId);
      else this.#pump();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#changeBatch(batchId, {
        problem: error.detail,
        jobs: (this.#find(batchId)?.jobs ?? []).map((job) =>
          isUnsent(job) ? { ...job, state: "failed", problem: t`Not sent.` } : job,
        ),
      });
    }
  }

  #pump(): void {
    while (this.#aborts.size < PARALLEL) {
      const next = this.#nextJob();
      if (next === null) return;
      void this.#run(next.uploadId, next.batchId, next.job);
    }
  }

  #nextJob(): { uploadId: string; batchId: number; job: Job } | null {
    for (const batch of [...this.#batches].reverse()) {
      if (batch.uploadId === null) continue;
      const job = batch.jobs.find(({ state }) => state === "waiting");
      if (job !== undefined) return { uploadId: batch.uploadId, batchId: batch.id, job };
    }
    return null;
  }

  async #run(uploadId: string, batchId: number, job: Job): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(job.id, abort);
    this.#changeJob(batchId, job.id, { state: "sending" });
    try {
      const item: UploadItem = await this.#ports.send({
        uploadId,
        file: job.file,
        relativePath: job.path,
        signal: abort.signal,
        onProgress: (sentBytes) => this.#changeJob(batchId, job.id, { sentBytes }),
      });
      this.#changeJob(batchId, job.id, {
        state: "sent",
        sentBytes: job.file.size,
        itemId: item.id,
      });
    } catch (error) {
      if (error instanceof ApiError) {
        this.#changeJob(batchId, job.id, { state: "failed", problem: error.detail });
      } else if (!(error instanceof DOMException && error.name === "AbortError")) {
        throw error;
      }
    } finally {
      this.#aborts.delete(job.id);
      this.#pump();
    }
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  #find(batchId: number): Batch | undefined {
    return this.#batches.find(({ id }) => id === batchId);
  }

  #changeJob(batchId: number, jobId: number, changes: Partial<Job>): void {
    const batch = this.#find(batchId);
    if (batch === undefined) return;
    this.#changeBatch(batchId, {
      jobs: batch.jobs.map((job) => (job.id === jobId ? { ...job, ...changes } : job)),
    });
  }

  #changeBatch(batchId: number, changes: Partial<Batch>): void {
    this.#batches = this.#batches.map((batch) =>
      batch.id === batchId ? { ...batch, ...changes } : batch,
    );
    this.#notify();
  }

  #notify(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#totals = sumUp(this.#batches);
      for (const listener of this.#listeners) listener();
    }, NOTIFY_MS);
  }
}

function isUnsent(job: Job): boolean {
  return job.state === "waiting" || job.state === "sending";
}

function sumJobs(jobs: readonly Job[]): { sentBytes: number; totalBytes: number } {
  const counted = jobs.filter(({ state }) => state !== "failed" && state !== "cancelled");
  return {
    sentBytes: counted.reduce((sum, job) => sum + job.sentBytes, 0),
    totalBytes: counted.reduce((sum, job) => sum + job.file.size, 0),
  };
}

/** Bytes of the batches still under way; failed and cancelled files do not count. */
export function sumUp(batches: readonly Batch[]): Totals {
  const active = batches.filter((batch) => batch.jobs.some(isUnsent));
  return { running: active.length > 0, ...sumJobs(active.flatMap((batch) => batch.jobs)) };
}

/** Seconds left at the speed since the start, or null while that is not known. */
export function remainingSeconds(batch: Batch, nowMs: number): number | null {
  const { sentBytes, totalBytes } = sumJobs(batch.jobs);
  const sentSinceStart = sentBytes - batch.startedAtBytes;
  const elapsed_s = (nowMs - batch.startedAtMs) / 1000;
  if (sentSinceStart <= 0 || elapsed_s < 1) return null;
  return (totalBytes - sentBytes) / (sentSinceStart / elapsed_s);
}

/** The one queue of this browser tab: it outlives the page that filled it. */
export const uploadQueue = new UploadQueue();
