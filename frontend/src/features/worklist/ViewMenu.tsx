import { t } from "@lingui/core/macro";
import { Bookmark, BookmarkPlus, Check, ChevronDown, Trash2, Users } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";

import { may, useMe } from "@/api/session";
import type { SavedView } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { tell } from "@/ui/toast";

import type { Filters } from "./filters";
import type { Columns } from "./useColumns";
import { filtersOf, type NewView, useViews } from "./useViews";

const LONGEST_NAME = 60;

interface ViewMenuProps {
  slug: string;
  filters: Filters;
  columns: Pick<Columns, "chosen" | "choice" | "choose">;
  onShow: (filters: Filters) => void;
}

/** Views by name: the reader's own and those a lead shares. */
export function ViewMenu({ slug, filters, columns, onShow }: ViewMenuProps) {
  const me = useMe();
  const [isNaming, setIsNaming] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const wasNaming = useRef(false);
  useEffect(() => {
    // What opened the dialog, an item of the menu, is gone.
    if (wasNaming.current && !isNaming) trigger.current?.focus();
    wasNaming.current = isNaming;
  }, [isNaming]);
  const { views, current, save, remove } = useViews(slug, filters, columns.choice);
  const isLead = may(me, "share_views");
  const canRemove = current !== undefined && (current.is_mine || isLead);
  const throwAway = (view: SavedView) =>
    remove.mutate(view, {
      onSuccess: () => tell(t`Threw away the view “${view.name}”.`),
      onError: (error) => tell(error.message, "problem"),
    });
  const show = (view: SavedView) => {
    onShow(filtersOf(view));
    const { chosen, choose } = columns;
    if (view.columns.length === 0) return;
    if (JSON.stringify(view.columns) === JSON.stringify(chosen)) return;
    choose(view.columns);
    // The reader's own choice is not lost to a view that somebody shares.
    tell(t`The columns are those of the view “${view.name}”.`, "info", {
      label: t`Undo`,
      run: () => choose(chosen),
    });
  };
  const keep = (view: NewView) =>
    save.mutate(view, {
      onSuccess: ({ name }) => {
        setIsNaming(false);
        tell(t`Kept as “${name}”.`);
      },
    });
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          ref={trigger}
          className="input view-trigger"
          aria-label={current === undefined ? t`Views` : t`Views: ${current.name}`}
        >
          <Bookmark size={14} aria-hidden />
          <span className="truncate">{current?.name ?? t`Views`}</span>
          <ChevronDown size={14} aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Content
          className="menu"
          align="start"
          sideOffset={6}
          // The dialog has the focus then.
          onCloseAutoFocus={(event) => {
            if (isNaming) event.preventDefault();
          }}
        >
          {views.length === 0 ? (
            <DropdownMenu.Label className="menu-label">{t`No views kept yet`}</DropdownMenu.Label>
          ) : (
            <DropdownMenu.RadioGroup value={current?.id ?? ""}>
              {views.map((view) => (
                <DropdownMenu.RadioItem
                  key={view.id}
                  value={view.id}
                  className="menu-item"
                  onSelect={() => show(view)}
                >
                  <span className="truncate">{view.name}</span>
                  {view.is_shared ? <Users size={13} aria-label={t`shared`} /> : null}
                  {view === current ? (
                    <Check size={15} className="menu-check" aria-hidden />
                  ) : null}
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
          )}
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => {
              save.reset();
              setIsNaming(true);
            }}
          >
            <BookmarkPlus size={15} aria-hidden />
            {t`Keep this list as a view…`}
          </DropdownMenu.Item>
          {canRemove ? (
            <DropdownMenu.Item className="menu-item" onSelect={() => throwAway(current)}>
              <Trash2 size={15} aria-hidden />
              <span className="truncate">{t`Throw away “${current.name}”`}</span>
            </DropdownMenu.Item>
          ) : null}
        </DropdownMenu.Content>
      </DropdownMenu.Root>
      {isNaming ? (
        <NameDialog
          views={views}
          mayShare={isLead}
          hasNames={filters.q !== ""}
          error={save.error?.message ?? null}
          isBusy={save.isPending}
          onKeep={keep}
          onClose={() => setIsNaming(false)}
        />
      ) : null}
    </>
  );
}

interface NameDialogProps {
  views: readonly SavedView[];
  mayShare: boolean;
  /** The filter has words that may name a patient. */
  hasNames: boolean;
  error: string | null;
  isBusy: boolean;
  onKeep: (view: NewView) => void;
  onClose: () => void;
}

function NameDialog(props: NameDialogProps) {
  const { views, mayShare, hasNames, error, isBusy, onKeep, onClose } = props;
  const [name, setName] = useState("");
  const [isShared, setIsShared] = useState(false);
  const [hasColumns, setHasColumns] = useState(false);
  const errorId = useId();
  const trimmed = name.trim();
  const isTaken = views.some((view) => view.is_mine && view.name === trimmed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (trimmed !== "") onKeep({ name: trimmed, isShared, hasColumns });
  };
  return (
    <Dialog title={t`Keep this list as a view`} onClose={onClose}>
      <form className="dialog-body view-form" onSubmit={submit} noValidate>
        <p className="muted">
          {hasNames
            ? t`Queue, filter, state and order are kept. Words that may name a patient are not.`
            : t`Queue, filter, state and order are kept.`}
        </p>
        <label className="field">
          <span>{t`Name`}</span>
          <input
            className="input"
            maxLength={LONGEST_NAME}
            value={name}
            aria-describedby={errorId}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className="view-share">
          <input
            type="checkbox"
            checked={hasColumns}
            onChange={(event) => setHasColumns(event.target.checked)}
          />
          {t`Keep the columns as well`}
        </label>
        {mayShare ? (
          <label className="view-share">
            <input
              type="checkbox"
              checked={isShared}
              onChange={(event) => setIsShared(event.target.checked)}
            />
            {t`Share with everyone who reads this worklist`}
          </label>
        ) : null}
        <p id={errorId} role="alert" className="filter-fault">
          {error}
        </p>
        <div className="view-actions">
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button variant="primary" type="submit" disabled={isBusy || trimmed === ""}>
            {isTaken ? t`Replace` : t`Keep`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
