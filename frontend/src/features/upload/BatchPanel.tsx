import { plural, t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { RotateCw, X } from "lucide-react";
import { useState } from "react";

import { fetchAll } from "@/api/pages";
import { keys } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { UploadItem } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatBytes, formatCount, formatRemaining } from "@/ui/format";
import { useNow } from "@/ui/useNow";

import { FileRows, STATUS } from "./FileRows";
import { type Batch, remainingSeconds, sumUp, uploadQueue } from "./queue";
import { countBy, type FileRow, isProblem, mergeJobs } from "./rows";
import { isSettled, settledWords } from "./words";

/** News moves the rows; this asks again in case news was lost. */
const ASK_AGAIN_MS = 4_000;
const NO_ITEMS: UploadItem[] = [];

function useServerItems(batch: Batch): UploadItem[] {
  const sent = batch.jobs.filter(({ state }) => state === "sent").length;
  const items = useQuery({
    queryKey: keys.uploadItems(batch.uploadId ?? "none"),
    queryFn: ({ signal }) =>
      fetchAll<UploadItem>(`/uploads/${batch.uploadId ?? ""}/items`, { signal }),
    enabled: batch.uploadId !== null && sent > 0,
    refetchInterval: (query) =>
      query.state.data === undefined ||
      query.state.data.some(isUnsettled) ||
      !isAll(query, sent)
        ? ASK_AGAIN_MS
        : false,
  });
  return items.data ?? NO_ITEMS;
}

function isUnsettled(item: UploadItem): boolean {
  return item.status === "received" || item.status === "unpacking";
}

function isAll(query: { state: { data: UploadItem[] | undefined } }, sent: number): boolean {
  return (query.state.data ?? []).filter((item) => item.parent_id === null).length >= sent;
}

/** One upload of this tab, from the first byte to the last fate. */
export function BatchPanel({ batch, worklistName }: { batch: Batch; worklistName: string }) {
  const me = useMe();
  const items = useServerItems(batch);
  const [problemsOnly, setProblemsOnly] = useState(false);
  const rows = mergeJobs(batch.jobs, items);
  const problems = rows.filter(isProblem);
  const shown = problemsOnly ? problems : rows;
  const failed = batch.jobs.filter(({ state }) => state === "failed").length;
  const { running } = sumUp([batch]);
  const reference = batch.target.claimReference;
  return (
    <section
      className="panel batch"
      aria-label={plural(batch.jobs.length, {
        one: "Upload of # file",
        other: "Upload of # files",
      })}
    >
      <div className="batch-head">
        <h2>
          {t`${plural(batch.jobs.length, { one: "# file", other: "# files" })} to ${worklistName}`}
          {reference === "" ? null : <span className="muted">{t`, claim ${reference}`}</span>}
        </h2>
        <div className="batch-actions">
          {problems.length > 0 ? (
            <button
              type="button"
              className="chip"
              aria-pressed={problemsOnly}
              onClick={() => setProblemsOnly(!problemsOnly)}
            >
              {t`Problems only (${formatCount(problems.length)})`}
            </button>
          ) : null}
          {failed > 0 && !running ? (
            <Button small onClick={() => uploadQueue.retry(batch.id)}>
              <RotateCw size={13} aria-hidden />
              {plural(failed, { one: "Retry # failed file", other: "Retry # failed files" })}
            </Button>
          ) : null}
          {running ? (
            <Button small onClick={() => void uploadQueue.cancel(batch.id)}>
              <X size={13} aria-hidden />
              {t`Cancel`}
            </Button>
          ) : null}
        </div>
      </div>
      <BatchProgress batch={batch} rows={rows} running={running} />
      {batch.problem === null ? null : (
        <p role="alert" className="batch-problem tone-amber">
          {batch.problem}
        </p>
      )}
      <FileRows
        label={t`Files of this upload, ${plural(shown.length, { one: "# row", other: "# rows" })}`}
        rows={shown}
        mayOpenCases={may(me, "read_cases")}
      />
    </section>
  );
}

interface BatchProgressProps {
  batch: Batch;
  rows: readonly FileRow[];
  running: boolean;
}

function BatchProgress({ batch, rows, running }: BatchProgressProps) {
  const nowMs = useNow(1000);
  const counts = countBy(rows);
  const { sentBytes, totalBytes } = sumUp([batch]);
  const settled = rows.filter(isSettled).length;
  const ratio = running
    ? totalBytes === 0
      ? 0
      : sentBytes / totalBytes
    : settled / Math.max(1, rows.length);
  const left = running ? remainingSeconds(batch, nowMs) : null;
  const words = running
    ? left === null
      ? t`${formatBytes(sentBytes)} of ${formatBytes(totalBytes)} sent`
      : t`${formatBytes(sentBytes)} of ${formatBytes(totalBytes)} sent, about ${formatRemaining(left)} left`
    : settledWords(rows);
  return (
    <div className="batch-progress">
      <div
        className="bar tone-accent"
        role="progressbar"
        aria-label={running ? t`Sent` : t`Settled`}
        aria-valuenow={Math.round(ratio * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <span style={{ width: `${ratio * 100}%` }} />
      </div>
      <p>
        <span>{words}</span>
        {[...counts].map(([status, count]) => (
          <span key={status} className="badge">
            <span className={`dot ${STATUS[status].tone}`} aria-hidden />
            {formatCount(count)} {STATUS[status].counted}
          </span>
        ))}
      </p>
    </div>
  );
}
