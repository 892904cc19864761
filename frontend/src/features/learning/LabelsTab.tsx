import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight, Download, Flag } from "lucide-react";
import { Link } from "react-router";

import { api, apiUrl } from "@/api/client";
import { keys } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { CountedPage, LabelOut } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { formatMoment, formatWhen, plural, shortHash } from "@/ui/format";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

const PAGE_SIZE = 100;
const OUTCOME_TONES: Record<LabelOut["outcome"], string> = {
  authentic: "tone-green",
  suspicious: "tone-red",
  inconclusive: "tone-grey",
};

export function LabelsTab() {
  const labels = useInfiniteQuery({
    queryKey: keys.labels,
    queryFn: ({ pageParam, signal }) =>
      api<CountedPage<LabelOut>>("/learning/labels", {
        query: { cursor: pageParam, limit: PAGE_SIZE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  if (labels.isPending) return <SkeletonRows label="Loading the labels" count={10} />;
  if (labels.data === undefined) {
    return (
      <ErrorState
        title="The labels could not be loaded"
        error={labels.error}
        onRetry={() => void labels.refetch()}
      />
    );
  }
  const items = labels.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState title="There is no label yet">
        <p>A label is written when a reader files a verdict.</p>
      </EmptyState>
    );
  }
  const total = labels.data.pages[0]?.total ?? items.length;
  return (
    <>
      <div className="labels-head">
        <p>
          {plural(total, "label")}, each with its lineage. Names of patients are not in them.
        </p>
        <span className="spacer" />
        <a href={apiUrl("/learning/labels.parquet")} className={buttonClass()} download>
          <Download size={14} aria-hidden />
          Download Parquet
        </a>
        <a href={apiUrl("/learning/labels.csv")} className={buttonClass()} download>
          <Download size={14} aria-hidden />
          Download CSV
        </a>
      </div>
      <div className="panel labels-scroll" role="region" aria-label="Labels" tabIndex={0}>
        <LabelsTable items={items} />
      </div>
      {labels.hasNextPage ? (
        <Button
          disabled={labels.isFetchingNextPage}
          onClick={() => void labels.fetchNextPage()}
        >
          {labels.isFetchingNextPage ? "Loading" : "Load more"}
        </Button>
      ) : null}
    </>
  );
}

function LabelsTable({ items }: { items: readonly LabelOut[] }) {
  return (
    <table className="data-table labels-table">
      <thead>
        <tr>
          <th scope="col">Filed</th>
          <th scope="col">Outcome</th>
          <th scope="col">First answer, verdict</th>
          <th scope="col">Reasons</th>
          <th scope="col">System</th>
          <th scope="col">Mode</th>
          <th scope="col">Reader</th>
          <th scope="col">Image</th>
          <th scope="col">Pipeline</th>
          <th scope="col">Case</th>
        </tr>
      </thead>
      <tbody>
        {items.map((label) => (
          <LabelRow key={label.label_id} label={label} />
        ))}
      </tbody>
    </table>
  );
}

function LabelRow({ label }: { label: LabelOut }) {
  const me = useMe();
  return (
    <tr>
      <td title={formatMoment(label.filed_at)}>{formatWhen(label.filed_at)}</td>
      <td>
        <span className="badge">
          <span className={`dot ${OUTCOME_TONES[label.outcome]}`} aria-hidden />
          {label.outcome}
        </span>
        {label.is_demo ? <span className="demo-mark">demo</span> : null}
      </td>
      <td>
        <span className="badge">
          {label.first_answer.replace("_", " ")}
          <span className="muted">({label.confidence} of 5)</span>
          <ArrowRight size={12} aria-label="then" />
          {label.decision}
        </span>
      </td>
      <td className="labels-reasons">
        {label.reason_codes.map((code) => code.replaceAll("_", " ")).join(", ")}
      </td>
      <td>
        {label.flagged ? (
          <span className="badge tone-amber">
            <Flag size={12} aria-hidden fill="currentColor" />
            Flagged {label.suspicion?.toFixed(2)}
          </span>
        ) : (
          <span className="muted">
            {label.suspicion === null ? "no opinion" : label.suspicion.toFixed(2)}
          </span>
        )}
      </td>
      <td>{label.mode.replaceAll("_", " ")}</td>
      <td>{label.reader}</td>
      <td>
        <code title={label.image_sha256}>{shortHash(label.image_sha256)}</code>
      </td>
      <td>{label.pipeline_version}</td>
      <td>{may(me, "read_cases") ? <Link to={`/cases/${label.case_id}`}>Open</Link> : null}</td>
    </tr>
  );
}
