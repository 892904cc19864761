import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";
import type { UploadItem, UploadOut } from "@/api/types";

import { collectDropped, sortOut } from "./collect";
import { type QueuePorts, remainingSeconds, sumUp, UploadQueue } from "./queue";
import { countBy, type FileRow, mergeJobs, type RowStatus } from "./rows";
import type { SendOptions } from "./send";
import { settledWords } from "./words";

const TARGET = { worklist: "blind", claimReference: "C-7" };
const files = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const file = new File(["x".repeat(100)], `IM${index}`);
    return { file, path: `study/IM${index}` };
  });

const ROW: FileRow = {
  key: "",
  path: "IM0",
  sizeBytes: 100,
  status: "stored",
  sentRatio: 1,
  reason: null,
  caseId: null,
  isNested: false,
};

interface Sent extends SendOptions {
  succeed: () => void;
  fail: (error: Error) => void;
}

function fakePorts() {
  const sent: Sent[] = [];
  const ports: QueuePorts = {
    open: vi.fn().mockResolvedValue({ id: "up-1" } as UploadOut),
    cancel: vi.fn().mockResolvedValue({ id: "up-1" } as UploadOut),
    send: (options) =>
      new Promise((resolve, reject) => {
        options.signal.addEventListener("abort", () =>
          reject(new DOMException("stopped", "AbortError")),
        );
        const succeed = () => resolve({ id: `item-${options.relativePath}` } as UploadItem);
        sent.push({ ...options, succeed, fail: reject });
      }),
  };
  return { ports, sent, queue: new UploadQueue(ports) };
}

const settle = () => vi.advanceTimersByTimeAsync(200);
const statesOf = (queue: UploadQueue) => queue.batches()[0]!.jobs.map(({ state }) => state);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the upload queue", () => {
  it("announces the upload, then sends four files at a time until all are sent", async () => {
    const { queue, ports, sent } = fakePorts();
    queue.add(files(6), TARGET);
    await settle();
    expect(ports.open).toHaveBeenCalledWith({
      worklist: "blind",
      claim_reference: "C-7",
      expected_files: 6,
    });
    expect(sent).toHaveLength(4);
    sent[0]!.succeed();
    await settle();
    expect(sent).toHaveLength(5);
    for (const file of sent) file.succeed();
    await settle();
    sent[5]!.succeed();
    await settle();
    expect(statesOf(queue)).toEqual(Array(6).fill("sent"));
    expect(queue.totals().running).toBe(false);
  });

  it("counts bytes as they go out", async () => {
    const { queue, sent } = fakePorts();
    queue.add(files(2), TARGET);
    await settle();
    sent[0]!.onProgress(60);
    await settle();
    expect(queue.totals()).toEqual({ running: true, sentBytes: 60, totalBytes: 200 });
  });

  it("goes on after a file fails, says why, and sends it again when told to", async () => {
    const { queue, sent } = fakePorts();
    queue.add(files(2), TARGET);
    await settle();
    sent[0]!.fail(new ApiError(413, "too_large", "The file is larger than 2 GB."));
    sent[1]!.succeed();
    await settle();
    expect(statesOf(queue)).toEqual(["failed", "sent"]);
    expect(queue.batches()[0]!.jobs[0]!.problem).toBe("The file is larger than 2 GB.");
    queue.retry(queue.batches()[0]!.id);
    await settle();
    expect(sent).toHaveLength(3);
    expect(sent[2]!.relativePath).toBe("study/IM0");
    sent[2]!.succeed();
    await settle();
    expect(statesOf(queue)).toEqual(["sent", "sent"]);
  });

  it("stops what is under way when cancelled, keeps what arrived, and tells the server", async () => {
    const { queue, ports, sent } = fakePorts();
    queue.add(files(6), TARGET);
    await settle();
    sent[0]!.succeed();
    await settle();
    await queue.cancel(queue.batches()[0]!.id);
    await settle();
    expect(statesOf(queue)).toEqual(["sent", ...Array<string>(5).fill("cancelled")]);
    expect(sent).toHaveLength(5);
    expect(ports.cancel).toHaveBeenCalledWith("up-1");
    expect(queue.totals().running).toBe(false);
  });

  it("sends nothing when cancelled before the server opened the upload", async () => {
    const { queue, ports, sent } = fakePorts();
    queue.add(files(2), TARGET);
    await queue.cancel(queue.batches()[0]!.id);
    await settle();
    expect(sent).toHaveLength(0);
    expect(ports.cancel).toHaveBeenCalledWith("up-1");
  });

  it("says why the upload could not be opened and opens it again on retry", async () => {
    const { queue, ports, sent } = fakePorts();
    vi.mocked(ports.open).mockRejectedValueOnce(new ApiError(403, "denied", "Not yours."));
    queue.add(files(1), TARGET);
    await settle();
    expect(queue.batches()[0]!.problem).toBe("Not yours.");
    expect(statesOf(queue)).toEqual(["failed"]);
    queue.retry(queue.batches()[0]!.id);
    await settle();
    expect(queue.batches()[0]!.problem).toBeNull();
    expect(sent).toHaveLength(1);
  });

  it("estimates what is left from the speed so far, not from bytes of before a retry", () => {
    const { queue } = fakePorts();
    queue.add(files(4), TARGET);
    const batch = queue.batches()[0]!;
    const jobs = batch.jobs.map((job, index) => ({ ...job, sentBytes: index < 2 ? 100 : 0 }));
    const after10s = batch.startedAtMs + 10_000;
    expect(remainingSeconds({ ...batch, jobs }, after10s)).toBe(10);
    expect(remainingSeconds({ ...batch, jobs, startedAtBytes: 100 }, after10s)).toBe(20);
    expect(remainingSeconds(batch, after10s)).toBeNull();
    expect(sumUp([{ ...batch, jobs }]).totalBytes).toBe(400);
  });
});

describe("the rows of an upload", () => {
  const item = (id: string, changes: Partial<UploadItem> = {}): UploadItem => ({
    id,
    upload_id: "up-1",
    parent_id: null,
    file_name: id,
    size_bytes: 100,
    sha256: "",
    status: "stored",
    code: "",
    reason: "",
    case_id: "c-1",
    version: 1,
    ...changes,
  });

  it("show the server's word over ours, and archives with their members below", async () => {
    const { queue, sent } = fakePorts();
    queue.add(files(3), TARGET);
    await settle();
    sent[0]!.succeed();
    sent[1]!.succeed();
    await settle();
    const rows = mergeJobs(queue.batches()[0]!.jobs, [
      item("item-study/IM0", { status: "unpacking" }),
      item("member", {
        parent_id: "item-study/IM0",
        status: "quarantined",
        reason: "Not a film.",
      }),
    ]);
    expect(rows.map(({ path, status, isNested }) => [path, status, isNested])).toEqual([
      ["study/IM0", "unpacking", false],
      ["member", "quarantined", true],
      ["study/IM1", "received", false],
      ["study/IM2", "sending", false],
    ]);
    expect(countBy(rows).get("quarantined")).toBe(1);
  });
});

describe("what is said of an upload at its end", () => {
  const rows = (...statuses: RowStatus[]) =>
    statuses.map((status, index) => ({ ...ROW, key: String(index), status }));

  it.each([
    [rows("stored", "duplicate", "quarantined"), "All files are settled."],
    [rows("stored", "received"), "All files are sent; 1 of 2 are settled."],
    [rows("stored", "failed"), "1 file was not sent. All others are settled."],
    [
      rows("failed", "failed", "stored", "unpacking"),
      "2 files were not sent. Of the others, 1 of 2 are settled.",
    ],
    [rows("cancelled", "stored"), "1 file was cancelled. All others are settled."],
    [rows("failed", "failed"), "No file was sent."],
    [rows("cancelled", "cancelled"), "Cancelled: no file was sent."],
  ])("tells what was not sent apart from what is settled", (given, words) => {
    expect(settledWords(given)).toBe(words);
  });
});

describe("what was dropped", () => {
  it("leaves out the operating system's own files and says how many", () => {
    const picked = sortOut([
      ...files(2),
      { file: new File([""], ".DS_Store"), path: "study/.DS_Store" },
    ]);
    expect(picked.files).toHaveLength(2);
    expect(picked.leftOut).toBe(1);
  });

  it("is walked to the bottom, though folders answer in portions", async () => {
    const fileEntry = (path: string) => ({
      isFile: true,
      isDirectory: false,
      fullPath: path,
      file: (resolve: (file: File) => void) => resolve(new File(["x"], path)),
    });
    const folder = (path: string, portions: unknown[][]) => ({
      isFile: false,
      isDirectory: true,
      fullPath: path,
      createReader: () => {
        const left = [...portions, []];
        return { readEntries: (resolve: (part: unknown) => void) => resolve(left.shift()) };
      },
    });
    const top = folder("/study", [
      [fileEntry("/study/a"), fileEntry("/study/b")],
      [folder("/study/deep", [[fileEntry("/study/deep/c")]])],
    ]);
    const items = [{ kind: "file", webkitGetAsEntry: () => top, getAsFile: () => null }];
    const picked = await collectDropped({ items } as unknown as DataTransfer);
    expect(picked.files.map(({ path }) => path)).toEqual([
      "study/a",
      "study/b",
      "study/deep/c",
    ]);
  });
});
