import { plural, t } from "@lingui/core/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight, Download, Flag } from "lucide-react";
import { Link } from "react-router";

import { api, apiUrl } from "@/api/client";
import { keys } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { CountedPage, LabelOut } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { formatFixed, formatMoment, formatWhen, shortHash } from "@/ui/format";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

const PAGE_SIZE = 100;
const OUTCOME_TONES: Record<LabelOut["outcome"], string> = {
  authentic: "tone-green",
  suspicious: "tone-red",
  inconclusive: "tone-grey",
};

const OUTCOMES: Record<LabelOut["outcome"], string> = {
  authentic: t`authentic`,
  suspicious: t`suspicious`,
  inconclusive: t`inconclusive`,
};
const ANSWERS: Record<LabelOut["first_answer"], string> = {
  authentic: t`authentic`,
  suspicious: t`suspicious`,
  cannot_tell: t`cannot tell`,
};
const DECISIONS: Record<LabelOut["decision"], string> = {
  confirm: t`confirm`,
  overrule: t`overrule`,
  inconclusive: t`inconclusive`,
};
const MODES: Record<string, string> = {
  blind_first: t`blind first`,
  triage: t`triage`,
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
  if (labels.isPending) return <SkeletonRows label={t`Loading the labels`} count={10} />;
  if (labels.data === undefined) {
    return (
      <ErrorState
        title={t`The labels could not be loaded`}
        error={labels.error}
        onRetry={() => void labels.refetch()}
      />
    );
  }
  const items = labels.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState title={t`There is no label yet`}>
        <p>{t`A label is written when a reader files a verdict.`}</p>
      </EmptyState>
    );
  }
  const total = labels.data.pages[0]?.total ?? items.length;
  return (
    <>
      <div className="labels-head">
        <p>
          {t`${plural(total, { one: "# label", other: "# labels" })}, each with its lineage. Names of patients are not in them.`}
        </p>
        <span className="spacer" />
        <a href={apiUrl("/learning/labels.parquet")} className={buttonClass()} download>
          <Download size={14} aria-hidden />
          {t`Download Parquet`}
        </a>
        <a href={apiUrl("/learning/labels.csv")} className={buttonClass()} download>
          <Download size={14} aria-hidden />
          {t`Download CSV`}
        </a>
      </div>
      <div className="panel labels-scroll" role="region" aria-label={t`Labels`} tabIndex={0}>
        <LabelsTable items={items} />
      </div>
      {labels.hasNextPage ? (
        <Button
          disabled={labels.isFetchingNextPage}
          onClick={() => void labels.fetchNextPage()}
        >
          {labels.isFetchingNextPage ? t`Loading` : t`Load more`}
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
          <th scope="col">{t`Filed`}</th>
          <th scope="col">{t`Outcome`}</th>
          <th scope="col">{t`First answer, verdict`}</th>
          <th scope="col">{t`Reasons`}</th>
          <th scope="col">{t`System`}</th>
          <th scope="col">{t`Mode`}</th>
          <th scope="col">{t`Reader`}</th>
          <th scope="col">{t`Image`}</th>
          <th scope="col">{t`Pipeline`}</th>
          <th scope="col">{t`Case`}</th>
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
          {OUTCOMES[label.outcome]}
        </span>
        {label.is_demo ? <span className="demo-mark">{t`demo`}</span> : null}
      </td>
      <td>
        <span className="badge">
          {ANSWERS[label.first_answer]}
          <span className="muted">{t`(${label.confidence} of 5)`}</span>
          <ArrowRight size={12} aria-label={t`then`} />
          {DECISIONS[label.decision]}
        </span>
      </td>
      <td className="labels-reasons">
        {label.reason_codes.map((code) => code.replaceAll("_", " ")).join(", ")}
      </td>
      <td>
        {label.flagged ? (
          <span className="badge tone-amber">
            <Flag size={12} aria-hidden fill="currentColor" />
            {t`Flagged ${formatFixed(label.suspicion ?? 0, 2)}`}
          </span>
        ) : (
          <span className="muted">
            {label.suspicion === null ? t`no opinion` : formatFixed(label.suspicion, 2)}
          </span>
        )}
      </td>
      <td>{MODES[label.mode] ?? label.mode.replaceAll("_", " ")}</td>
      <td>
        <code title={label.reader}>{label.reader.slice(0, 8)}</code>
      </td>
      <td>
        <code title={label.image_sha256}>{shortHash(label.image_sha256)}</code>
      </td>
      <td>{label.pipeline_version}</td>
      <td>
        {may(me, "read_cases") ? (
          <Link to={`/cases/${label.case_id}`}>{t({ message: "Open", context: "verb" })}</Link>
        ) : null}
      </td>
    </tr>
  );
}
