import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Film } from "@/imaging";

import { forensicInput, type Picture, type ViewName } from "./views";
import { VIEWS, type ForensicView } from "./words";
import type { JobAnswer } from "./worker";

export interface Forensic {
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly view: ForensicView;
  readonly choose: (name: ViewName) => void;
  readonly setting: number;
  readonly setSetting: (value: number) => void;
  /** Of the film shown; null while it is computed. */
  readonly picture: Picture | null;
  readonly problem: string | null;
  readonly isOver: boolean;
  readonly setOver: (isOver: boolean) => void;
}

/** A slider moves faster than a film is computed: only where it comes to rest counts. */
const FAILED = t`The view could not be computed.`;
const SETTLE_MS = 150;

const FIRST = VIEWS[0] as ForensicView;

interface Done {
  readonly key: string;
  readonly picture: Picture | null;
  readonly problem: string | null;
}

/** The views of `film`, computed in a worker that lives while the panel is open. */
export function useForensic(film: Film | null, isAllowed: boolean): Forensic {
  const [wantsOpen, setOpen] = useState(false);
  const isOpen = wantsOpen && isAllowed;
  const [name, setName] = useState<ViewName>(FIRST.name);
  const [settings, setSettings] = useState<Partial<Record<ViewName, number>>>({});
  const [isOver, setOver] = useState(true);
  const [done, setDone] = useState<Done | null>(null);
  const workerRef = useRef<Worker | null>(null);
  const view = useMemo(() => VIEWS.find((known) => known.name === name) ?? FIRST, [name]);
  const setting = settings[name] ?? view.setting?.first ?? 0;
  const key = film ? `${film.meta.id}#${film.frame}/${name}/${setting}` : "";

  useEffect(() => {
    if (!isOpen) return;
    return () => {
      workerRef.current?.terminate();
      workerRef.current = null;
      setDone(null);
    };
  }, [isOpen]);

  useEffect(() => {
    if (!isOpen || film === null) return;
    const timer = setTimeout(() => {
      // A view that is no longer wanted is not waited for.
      workerRef.current?.terminate();
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
      workerRef.current = worker;
      worker.onmessage = ({ data }: MessageEvent<JobAnswer>) => {
        setDone({ key, picture: data.picture, problem: data.picture ? null : FAILED });
      };
      worker.onerror = () => setDone({ key, picture: null, problem: FAILED });
      worker.postMessage({ id: 1, view: name, setting, input: forensicInput(film) });
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isOpen, film, name, setting, key]);

  const current = done?.key === key ? done : null;
  return {
    isOpen,
    toggle: useCallback(() => setOpen((open) => !open), []),
    view,
    choose: setName,
    setting,
    setSetting: (value) => setSettings((known) => ({ ...known, [name]: value })),
    picture: current?.picture ?? null,
    problem: current?.problem ?? null,
    isOver,
    setOver,
  };
}
