import { t } from "@lingui/core/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useCallback } from "react";

import { fetchQuarantine, keys } from "@/api/queries";
import { refusalWords } from "@/api/refusals";
import type { QuarantineItem } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatBytes, formatMoment, formatWhen, shortHash } from "@/ui/format";
import { ScrollPage } from "@/ui/ScrollPage";
import { SearchField } from "@/ui/SearchField";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";
import { useUrlFilters } from "@/ui/useUrlFilters";
import "./quarantine.css";

const DEFAULTS = { q: "" };
const HIDDEN = ["q"] as const;
const PAGE_SIZE = 100;

export function QuarantinePage() {
  const [{ q: typed }, setFilters] = useUrlFilters(DEFAULTS, HIDDEN);
  const q = typed.trim();
  const setQ = useCallback((value: string) => setFilters({ q: value }), [setFilters]);
  const files = useInfiniteQuery({
    queryKey: keys.quarantine(q),
    queryFn: ({ pageParam, signal }) =>
      fetchQuarantine(q, { cursor: pageParam, limit: PAGE_SIZE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const items = files.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <ScrollPage label={t`Quarantine`}>
      <title>{t`Quarantine · Truefilm`}</title>
      <div className="page-head">
        <h1>{t`Quarantine`}</h1>
        <p className="page-lead">
          {t`Files that could not be read, kept as they came, each with the reason.`}
        </p>
        <span className="spacer" />
        <SearchField
          label={t`Name or reason`}
          placeholder={t`Name or reason`}
          value={typed}
          onChange={setQ}
        />
      </div>
      <div className="page-body">
        <section className="panel" aria-label={t`Quarantined files`}>
          {files.isPending ? (
            <SkeletonRows label={t`Loading the quarantine`} count={6} />
          ) : files.data === undefined ? (
            <ErrorState
              title={t`The quarantine could not be loaded`}
              error={files.error}
              onRetry={() => void files.refetch()}
            />
          ) : items.length === 0 ? (
            <EmptyState
              title={q === "" ? t`Nothing is in quarantine` : t`No file matches`}
              icon={ShieldCheck}
            >
              {q === "" ? <p>{t`Every file that was sent could be read.`}</p> : null}
            </EmptyState>
          ) : (
            <QuarantineTable items={items} />
          )}
        </section>
        {files.hasNextPage ? (
          <Button
            disabled={files.isFetchingNextPage}
            onClick={() => void files.fetchNextPage()}
          >
            {files.isFetchingNextPage ? t`Loading` : t`Load more`}
          </Button>
        ) : null}
      </div>
    </ScrollPage>
  );
}

function QuarantineTable({ items }: { items: readonly QuarantineItem[] }) {
  return (
    <table className="data-table quarantine-table">
      <thead>
        <tr>
          <th scope="col">{t`Received`}</th>
          <th scope="col">{t`File`}</th>
          <th scope="col">{t`Reason`}</th>
          <th scope="col">{t`From`}</th>
          <th scope="col">{t`SHA-256`}</th>
          <th scope="col" className="numeric">
            {t`Size`}
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id}>
            <td title={formatMoment(item.received_at)}>{formatWhen(item.received_at)}</td>
            <td className="quarantine-name">{item.file_name}</td>
            <td>
              {refusalWords(item.code, item.reason)} <code className="muted">{item.code}</code>
            </td>
            <td>{item.source}</td>
            <td>
              <code title={item.sha256}>{shortHash(item.sha256)}</code>
            </td>
            <td className="numeric">{formatBytes(item.size_bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
