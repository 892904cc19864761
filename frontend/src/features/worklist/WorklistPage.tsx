import { useQuery } from "@tanstack/react-query";
import { EyeOff, Flag } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { worklistsQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { WorklistOut } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { plural } from "@/ui/format";
import { type Shortcut, useShortcuts } from "@/ui/shortcuts";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";
import { useUrlFilters } from "@/ui/useUrlFilters";

import { CaseTable } from "./CaseTable";
import { FilterBar, SEARCH_ID } from "./FilterBar";
import {
  DEFAULT_FILTERS,
  effectiveSort,
  HIDDEN_FILTERS,
  isFiltered,
  nextSort,
} from "./filters";
import { QueueTabs } from "./QueueTabs";
import { useCases } from "./useCases";
import { useClaim } from "./useClaim";
import "./worklist.css";

export function WorklistPage() {
  const me = useMe();
  const { slug = "" } = useParams();
  const fresh = useQuery(worklistsQuery).data;
  const worklists = fresh ?? me.worklists;
  const worklist = worklists.find((known) => known.slug === slug);
  if (worklist === undefined) {
    return (
      <EmptyState title="There is no such worklist" isPage>
        <p>It may have been renamed, or it is not open to you.</p>
        <Link to="/worklists" className={buttonClass()}>
          Go to your first worklist
        </Link>
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <title>{`${worklist.name} · Truefilm`}</title>
      <div className="page-head worklist-head">
        <h1>Worklist</h1>
        <nav className="switcher" aria-label="Worklists">
          {worklists.map((each) => (
            <Link
              key={each.id}
              to={`/worklists/${each.slug}`}
              aria-current={each.slug === slug ? "page" : undefined}
            >
              {each.name} <span>{each.open_count}</span>
            </Link>
          ))}
        </nav>
        <ModeNote worklist={worklist} />
      </div>
      <WorklistBody worklist={worklist} />
    </div>
  );
}

function ModeNote({ worklist }: { worklist: WorklistOut }) {
  return worklist.mode === "blind_first" ? (
    <p className="badge mode-note">
      <EyeOff size={14} aria-hidden />
      Blind first: you seal your answer before any evidence is shown.
    </p>
  ) : (
    <p className="badge mode-note">
      <Flag size={14} aria-hidden />
      Triage: flags are visible, so reads are recorded as informed.
    </p>
  );
}

function WorklistBody({ worklist }: { worklist: WorklistOut }) {
  const { slug, mode, name } = worklist;
  const navigate = useNavigate();
  const [filters, setFilters] = useUrlFilters(DEFAULT_FILTERS, HIDDEN_FILTERS);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const list = useCases(slug, mode, filters);
  const claim = useClaim(slug);
  const { held, loadMore } = list;

  const open = useCallback((id: string) => void navigate(`/cases/${id}`), [navigate]);
  const shortcuts = useMemo<Shortcut[]>(() => {
    const move = (step: number) => {
      const at = selectedId === null ? -1 : held.order.indexOf(selectedId);
      const to = at === -1 ? 0 : Math.min(held.order.length - 1, Math.max(0, at + step));
      setSelectedId(held.order[to] ?? null);
    };
    const selected = selectedId === null ? undefined : held.rows.get(selectedId);
    return [
      { keys: ["j", "ArrowDown"], label: "Next case", run: () => move(1) },
      { keys: ["k", "ArrowUp"], label: "Previous case", run: () => move(-1) },
      {
        keys: "Enter",
        label: "Open the case",
        run: () => (selected === undefined ? false : open(selected.id)),
      },
      {
        keys: "c",
        label: "Claim the case, or give it back",
        run: () => (selected === undefined ? false : claim.mutate(selected)),
      },
      {
        keys: "/",
        label: "Filter the list",
        run: () => document.getElementById(SEARCH_ID)?.focus(),
      },
    ];
  }, [selectedId, held, open, claim]);
  useShortcuts("Worklist", shortcuts);

  return (
    <>
      <QueueTabs slug={slug} shown={filters.mine} onShow={(mine) => setFilters({ mine })} />
      <div className="worklist-bar">
        <FilterBar
          filters={filters}
          onChange={setFilters}
          newCount={held.waiting.length}
          onShowNew={list.showNew}
        />
        <p className="muted" role="status">
          {list.total === 0 ? "" : plural(list.total, "case")}
          {list.total > 0 && effectiveSort(filters.sort, mode) === "shuffled"
            ? ", shuffled"
            : ""}
          {list.isStale ? ", not refreshed: the server did not answer" : ""}
        </p>
      </div>
      {list.error !== null ? (
        <ErrorState
          title="The worklist could not be loaded"
          error={list.error}
          onRetry={list.retry}
        />
      ) : list.isPending ? (
        <SkeletonRows label="Loading the worklist" count={16} />
      ) : held.order.length === 0 ? (
        <NoCases
          inQueue={filters.mine !== "" && !isFiltered({ ...filters, mine: "" })}
          filtered={isFiltered(filters)}
          onClear={() => setFilters(DEFAULT_FILTERS)}
        />
      ) : (
        <CaseTable
          mode={mode}
          label={name}
          held={held}
          total={list.total}
          sort={filters.sort}
          selectedId={selectedId}
          onSelect={setSelectedId}
          onOpen={open}
          onSort={(field) => setFilters({ sort: nextSort(filters.sort, field, mode) })}
          onNearEnd={loadMore}
        />
      )}
    </>
  );
}

interface NoCasesProps {
  /** Nothing but the choice of a queue keeps cases away. */
  inQueue: boolean;
  filtered: boolean;
  onClear: () => void;
}

function NoCases({ inQueue, filtered, onClear }: NoCasesProps) {
  const me = useMe();
  if (inQueue) {
    return (
      <EmptyState title="Nothing waits in this queue">
        <Button onClick={onClear}>Show the whole worklist</Button>
      </EmptyState>
    );
  }
  if (filtered) {
    return (
      <EmptyState title="No case matches these filters">
        <Button onClick={onClear}>Clear the filters</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No open cases">
      <p>Drop films on the Upload page; they appear here as soon as they are stored.</p>
      {may(me, "upload") ? (
        <Link to="/upload" className={buttonClass()}>
          Upload films
        </Link>
      ) : null}
    </EmptyState>
  );
}
