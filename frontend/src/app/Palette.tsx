import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { useQueries } from "@tanstack/react-query";
import { FileSearch, Keyboard, Languages, LogOut, Moon, Search, Sun } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { fetchCases, keys } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { Me } from "@/api/types";
import { chooseLanguage, LANGUAGES } from "@/i18n/language";
import { Dialog } from "@/ui/Dialog";
import { formatPatientName } from "@/ui/format";
import { chooseTheme } from "@/ui/theme";

import { pagesFor } from "./nav";
import { signOut } from "./signOut";

interface Choice {
  id: string;
  group: string;
  label: string;
  hint: string;
  icon: LucideIcon;
  run: () => void;
}

interface PaletteProps {
  onClose: () => void;
  onGo: (path: string) => void;
  onShortcuts: () => void;
}

const SHORTEST_QUERY = 2;
const CASES_PER_LIST = 6;

function usePages(me: Me, { onGo, onClose, onShortcuts }: PaletteProps): Choice[] {
  return useMemo(() => {
    const lists = may(me, "read_cases") ? me.worklists : [];
    const pages = pagesFor(me).filter(({ path }) => path !== "/worklists");
    const listPage = pagesFor(me).find(({ path }) => path === "/worklists");
    const light = (theme: "light" | "dark") => () => {
      chooseTheme(theme);
      onClose();
    };
    return [
      ...lists.map(({ slug, name }): Choice => ({
        id: `list-${slug}`,
        group: t`Pages`,
        label: name,
        hint: t`Worklist`,
        icon: listPage?.icon ?? FileSearch,
        run: () => onGo(`/worklists/${slug}`),
      })),
      ...pages.map(({ path, label, icon }): Choice => ({
        id: path,
        group: t`Pages`,
        label,
        hint: "",
        icon,
        run: () => onGo(path),
      })),
      action("dark", t`Dark appearance`, Moon, light("dark")),
      action("light", t`Light appearance`, Sun, light("light")),
      ...LANGUAGES.filter(({ code }) => code !== i18n.locale).map(({ code, name }) =>
        action(`language-${code}`, t`Language: ${name}`, Languages, () => chooseLanguage(code)),
      ),
      action("keys", t`Show the keys of this page`, Keyboard, onShortcuts),
      action("sign-out", t`Sign out`, LogOut, () => void signOut()),
    ];
  }, [me, onGo, onClose, onShortcuts]);
}

function action(id: string, label: string, icon: LucideIcon, run: () => void): Choice {
  return { id, group: t`Actions`, label, hint: "", icon, run };
}

function useCases(me: Me, q: string, onGo: (path: string) => void) {
  const enabled = may(me, "read_cases") && q.length >= SHORTEST_QUERY;
  const results = useQueries({
    queries: (enabled ? me.worklists : []).map((worklist) => {
      const query = { q, state: "all", limit: CASES_PER_LIST };
      return {
        queryKey: keys.cases(worklist.slug, { palette: q }),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          fetchCases(worklist.slug, query, signal),
      };
    }),
  });
  const choices = results.flatMap((result, index) =>
    (result.data?.items ?? []).map((row): Choice => ({
      id: `case-${row.id}`,
      group: t`Cases`,
      label: `${formatPatientName(row.patient.name)}, ${row.description}`,
      hint: `${row.modality} · ${me.worklists[index]?.name ?? ""}`,
      icon: FileSearch,
      run: () => onGo(`/cases/${row.id}`),
    })),
  );
  return { choices, failed: results.some((result) => result.isError) };
}

export function Palette(props: PaletteProps) {
  const me = useMe();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const q = useDeferredValue(text.trim());
  const listId = useId();
  const list = useRef<HTMLUListElement>(null);
  const { choices: cases, failed } = useCases(me, q, props.onGo);
  const fixed = usePages(me, props);
  const words = q.toLowerCase();
  const shown = [
    ...cases,
    ...fixed.filter(({ label, hint }) => `${label} ${hint}`.toLowerCase().includes(words)),
  ];
  const at = Math.min(active, Math.max(0, shown.length - 1));

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setActive(Math.min(at + 1, shown.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(at - 1, 0));
    else if (event.key === "Enter") shown[at]?.run();
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t`Search`} hideTitle onClose={props.onClose}>
      <div className="palette-input">
        <Search size={16} aria-hidden />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={shown[at] === undefined ? undefined : `${listId}-${at}`}
          aria-label={t`Search cases, pages and actions`}
          placeholder={t`Patient, accession, page or action`}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <ul
        ref={list}
        id={listId}
        role="listbox"
        aria-label={t`Results`}
        className="palette-list"
      >
        {shown.map((choice, index) => (
          <PaletteRow
            key={choice.id}
            choice={choice}
            id={`${listId}-${index}`}
            isActive={index === at}
            opensGroup={shown[index - 1]?.group !== choice.group}
            onPoint={() => setActive(index)}
          />
        ))}
      </ul>
      {shown.length === 0 ? <p className="palette-none">{t`Nothing matches “${q}”.`}</p> : null}
      {failed ? (
        <p className="palette-none">
          {t`Cases could not be searched. Pages and actions still work.`}
        </p>
      ) : null}
    </Dialog>
  );
}

interface PaletteRowProps {
  choice: Choice;
  id: string;
  isActive: boolean;
  opensGroup: boolean;
  onPoint: () => void;
}

function PaletteRow({ choice, id, isActive, opensGroup, onPoint }: PaletteRowProps) {
  return (
    // Keys reach the options through the input, which keeps the focus (ARIA combobox).
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <li
      id={id}
      role="option"
      aria-selected={isActive}
      data-group={opensGroup ? choice.group : undefined}
      className="palette-row"
      onClick={choice.run}
      onMouseMove={onPoint}
    >
      <choice.icon size={15} strokeWidth={1.75} aria-hidden />
      <span className="truncate">{choice.label}</span>
      <span className="palette-hint truncate">{choice.hint}</span>
    </li>
  );
}
