import { plural, t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { EyeOff, Flag } from "lucide-react";
import { useCallback, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { worklistsQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { WorklistOut } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { formatCount } from "@/ui/format";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";
import { useIsOffline } from "@/ui/useIsOffline";
import { useUrlFilters } from "@/ui/useUrlFilters";

import { BulkBar } from "./BulkBar";
import { CaseTable } from "./CaseTable";
import { ColumnsButton } from "./ColumnsButton";
import type { ListState } from "./caseList";
import { ExportButton } from "./ExportButton";
import { FilterBar } from "./FilterBar";
import {
  DEFAULT_FILTERS,
  effectiveSort,
  HIDDEN_FILTERS,
  isFiltered,
  nextSort,
} from "./filters";
import { QueueTabs } from "./QueueTabs";
import { useCases, useListState } from "./useCases";
import { useChosen } from "./useChosen";
import { useClaim } from "./useClaim";
import { useColumns } from "./useColumns";
import { useListKeys } from "./useListKeys";
import "./worklist.css";

export function WorklistPage() {
  const me = useMe();
  const { slug = "" } = useParams();
  const fresh = useQuery(worklistsQuery).data;
  const worklists = fresh ?? me.worklists;
  const worklist = worklists.find((known) => known.slug === slug);
  if (worklist === undefined) {
    return (
      <EmptyState title={t`There is no such worklist`} isPage>
        <p>{t`It may have been renamed, or it is not open to you.`}</p>
        <Link to="/worklists" className={buttonClass()}>
          {t`Go to your first worklist`}
        </Link>
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <title>{`${worklist.name} · Truefilm`}</title>
      <div className="page-head worklist-head">
        <h1>{t`Worklist`}</h1>
        <nav className="switcher" aria-label={t`Worklists`}>
          {worklists.map((each) => (
            <Link
              key={each.id}
              to={`/worklists/${each.slug}`}
              aria-current={each.slug === slug ? "page" : undefined}
            >
              {each.name} <span>{openCount(each.open_count)}</span>
            </Link>
          ))}
        </nav>
        <ModeNote worklist={worklist} />
      </div>
      {/* Keyed: rows chosen in one list must not be assigned from another. */}
      <WorklistBody key={slug} worklist={worklist} />
    </div>
  );
}

/** The server counts open cases no further than this. */
const COUNTED_TO = 10_000;

function openCount(count: number): string {
  return count > COUNTED_TO ? `${formatCount(COUNTED_TO)}+` : formatCount(count);
}

function ModeNote({ worklist }: { worklist: WorklistOut }) {
  return worklist.mode === "blind_first" ? (
    <p className="badge mode-note">
      <EyeOff size={14} aria-hidden />
      {t`Blind first: you seal your answer before any evidence is shown.`}
    </p>
  ) : (
    <p className="badge mode-note">
      <Flag size={14} aria-hidden />
      {t`Triage: flags are visible, so reads are recorded as informed.`}
    </p>
  );
}

function WorklistBody({ worklist }: { worklist: WorklistOut }) {
  const { slug, mode, name } = worklist;
  const navigate = useNavigate();
  const [filters, setFilters] = useUrlFilters(DEFAULT_FILTERS, HIDDEN_FILTERS);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const list = useCases(slug, mode, filters);
  const state = useListState(list);
  const chosen = useChosen(useCallback(() => list.state().order, [list]));
  const claim = useClaim(slug);
  const columns = useColumns(mode);

  const open = useCallback((id: string) => void navigate(`/cases/${id}`), [navigate]);
  useListKeys({ list, selectedId, setSelectedId, chosen, open, claim: claim.mutate });

  return (
    <>
      <QueueTabs slug={slug} shown={filters.mine} onShow={(mine) => setFilters({ mine })} />
      <div className="worklist-bar">
        <FilterBar
          slug={slug}
          mode={mode}
          filters={filters}
          onChange={setFilters}
          columns={columns}
          newCount={state.waiting.length}
          onShowNew={() => {
            setSelectedId(null);
            list.showNew();
          }}
        />
        <div className="list-end">
          <ListNote
            state={state}
            isShuffled={effectiveSort(filters.sort, mode) === "shuffled"}
          />
          <ColumnsButton mode={mode} columns={columns} />
          <ExportButton slug={slug} mode={mode} filters={filters} />
        </div>
      </div>
      {chosen.ids.size === 0 ? null : <BulkBar slug={slug} list={list} chosen={chosen} />}
      {state.error !== null ? (
        <ErrorState
          title={t`The worklist could not be loaded`}
          error={state.error}
          onRetry={list.retry}
        />
      ) : state.isPending ? (
        <SkeletonRows label={t`Loading the worklist`} count={16} />
      ) : state.order.length === 0 ? (
        <NoCases
          worklist={worklist}
          inQueue={filters.mine !== "" && !isFiltered({ ...filters, mine: "" })}
          filtered={isFiltered(filters)}
          onClear={() => setFilters(DEFAULT_FILTERS)}
        />
      ) : (
        <CaseTable
          mode={mode}
          shown={columns.shown}
          label={name}
          list={list}
          state={state}
          sort={filters.sort}
          selectedId={selectedId}
          checkedIds={chosen.ids}
          onSelect={setSelectedId}
          onOpen={open}
          onCheck={chosen.check}
          onSort={(field) => setFilters({ sort: nextSort(filters.sort, field, mode) })}
        />
      )}
    </>
  );
}

/** How many cases there are, in which order, and whether that may be old. */
function ListNote({ state, isShuffled }: { state: ListState; isShuffled: boolean }) {
  const isOffline = useIsOffline();
  const { total, isTotalExact, order, isStale } = state;
  const count = Math.max(total, order.length);
  const notes = [
    count === 0
      ? ""
      : isTotalExact
        ? plural(count, { one: "# case", other: "# cases" })
        : t`${formatCount(count)}+ cases`,
    count > 0 && isShuffled ? t`shuffled` : "",
    isOffline
      ? t`offline: as it was when the connection was lost`
      : isStale
        ? t`not refreshed: the server did not answer`
        : "",
  ].filter((note) => note !== "");
  return (
    <p className="muted list-note" role="status">
      {notes.join(", ")}
    </p>
  );
}

interface NoCasesProps {
  worklist: WorklistOut;
  /** Nothing but the choice of a queue keeps cases away. */
  inQueue: boolean;
  filtered: boolean;
  onClear: () => void;
}

function NoCases({ worklist, inQueue, filtered, onClear }: NoCasesProps) {
  const me = useMe();
  if (inQueue) {
    return (
      <EmptyState title={t`Nothing waits in this queue`}>
        <Button onClick={onClear}>{t`Show the whole worklist`}</Button>
      </EmptyState>
    );
  }
  if (filtered) {
    return (
      <EmptyState title={t`No case matches these filters`}>
        <Button onClick={onClear}>{t`Clear the filters`}</Button>
      </EmptyState>
    );
  }
  if (worklist.audits_others) {
    return (
      <EmptyState title={t`No open cases`}>
        <p>{t`Cases of another department that were drawn to be audited come here by themselves, a week after they were received.`}</p>
      </EmptyState>
    );
  }
  if (!may(me, "upload")) {
    return (
      <EmptyState title={t`No open cases`}>
        <p>{t`Cases appear here as soon as their films are stored.`}</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t`No open cases`}>
      <p>{t`Drop films on the Upload page; they appear here as soon as they are stored.`}</p>
      <Link to="/upload" className={buttonClass()}>
        {t`Upload films`}
      </Link>
    </EmptyState>
  );
}
