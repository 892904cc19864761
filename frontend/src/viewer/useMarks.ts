/** Marks by mouse and by keyboard: drawn, moved, taken back, asked for by numbers. */
import { t } from "@lingui/core/macro";
import {
  useCallback,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type Dispatch,
} from "react";

import type { RegionIn } from "@/api/types";
import { clampToFilm, pointImage, simplify, type PointImage } from "@/geometry";
import type { Film } from "@/imaging";
import { announce } from "@/ui/announce";

import { isByHand, isDrawing, LEAST_CORNERS, placePoint, type Draft } from "./drawing";
import {
  handlesOf,
  MEASURE_NAMES,
  measureLines,
  moveAll,
  moveHandle,
  placeKey,
  type Measure,
} from "./measures";
import { boxRegion, freehandRegion } from "./regions";
import type { Tool, ViewerAction, ViewerState } from "./state";
import { createStore } from "./store";
import type { Hover } from "./usePointer";

interface MarkOptions {
  readonly imageId: string;
  readonly frame: number;
  /** The film shown, null while it loads. */
  readonly film: Film | null;
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly regionCount: number;
  readonly onAddRegion: ((region: RegionIn) => void) | null;
  readonly onUndoRegion: () => void;
}

/** How far, in CSS pixels, a thinned outline may lie from the hand's. */
const OUTLINE_TOLERANCE_PX = 1.5;
/** A smaller measure is a slip of the hand. */
const SMALLEST_MEASURE_PX = 2;

/** Which dialog is open: a box by numbers, or the measure of that id. */
export type Asked =
  { readonly what: "box" | "new-arrow" } | { readonly what: "measure"; readonly id: number };

function isSlip(tool: Tool, points: readonly PointImage[]): boolean {
  if (tool === "probe") return false;
  const reach = (axis: 0 | 1) => {
    const values = points.map((p) => p[axis]);
    return Math.max(...values) - Math.min(...values);
  };
  if (tool === "ellipse" || tool === "rectangle") {
    return Math.min(reach(0), reach(1)) < SMALLEST_MEASURE_PX;
  }
  return Math.max(reach(0), reach(1)) < SMALLEST_MEASURE_PX;
}

export function useMarks(options: MarkOptions) {
  const { imageId, frame, film, state, dispatch, onAddRegion, onUndoRegion } = options;
  const { tool, selected } = state;
  const draft = useMemo(() => createStore<Draft | null>(null), []);
  const hover = useMemo(() => createStore<Hover | null>(null), []);
  const [cursor, setCursor] = useState<PointImage | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [held, setHeld] = useState<{ id: number; handle: number } | null>(null);
  const lastRef = useRef<"region" | "measure" | null>(null);
  const at = placeKey(imageId, frame);
  const measures = useMemo(
    () => state.measures.filter((measure) => measure.at === at),
    [state.measures, at],
  );
  const chosen = measures.find((measure) => measure.id === selected) ?? null;
  const activeHandle = chosen && held?.id === chosen.id ? held.handle : null;
  const zoom = state.view?.zoom ?? 1;
  const hasDraft = useSyncExternalStore(draft.subscribe, () => draft.get() !== null);

  const addMeasure = useCallback(
    (kind: Measure["kind"], points: readonly PointImage[]) => {
      if (film === null || isSlip(kind, points)) return;
      const { rows, columns } = film.meta;
      const onFilm = points.map((p) => clampToFilm(p, rows, columns));
      const kept = kind === "area" ? simplify(onFilm, OUTLINE_TOLERANCE_PX / zoom) : onFilm;
      if (kind === "area" && kept.length < LEAST_CORNERS) return;
      dispatch({ type: "measure", kind, at, points: kept });
      // After the press is over: its default action would take the focus from the field.
      if (kind === "arrow") setTimeout(() => setAsked({ what: "new-arrow" }));
      lastRef.current = "measure";
      const said = measureLines({ id: 0, kind, at, points: kept, text: "" }, film).join(", ");
      announce(`${MEASURE_NAMES[kind]} ${said}`.trim());
    },
    [film, dispatch, at, zoom],
  );

  const onMark = useCallback(
    (which: Tool, points: readonly PointImage[]) => {
      setCursor(null);
      const [a, b] = points;
      if (which === "window" || which === "pan") return;
      if (which !== "box" && which !== "freehand") {
        addMeasure(which, points);
      } else if (onAddRegion && film && a && b) {
        const region =
          which === "box"
            ? boxRegion(imageId, frame, a, b, film.meta)
            : freehandRegion(imageId, frame, points, film.meta, OUTLINE_TOLERANCE_PX / zoom);
        if (region) onAddRegion(region);
        lastRef.current = "region";
      }
    },
    [addMeasure, onAddRegion, film, imageId, frame, zoom],
  );

  const onTool = useCallback(
    (next: Tool) => {
      const under = draft.get();
      draft.set(null);
      // The outline's own key closes an outline set corner by corner.
      if (under?.tool === next && isByHand(next) && under.points.length >= LEAST_CORNERS) {
        onMark(next, under.points);
        return;
      }
      setCursor(null);
      dispatch({ type: "tool", tool: next });
    },
    [draft, onMark, dispatch],
  );

  const onUndo = useCallback(() => {
    if (draft.get() !== null) draft.set(null);
    else if (onAddRegion && options.regionCount > 0 && lastRef.current !== "measure") {
      onUndoRegion();
    } else if (state.past.length > 0) dispatch({ type: "undo-measure" });
    else if (onAddRegion && options.regionCount > 0) onUndoRegion();
  }, [draft, onAddRegion, options.regionCount, onUndoRegion, state.past.length, dispatch]);

  const onPoint = useCallback(
    (point: PointImage) => {
      setCursor(point);
      const next = placePoint(draft.get(), tool, point);
      draft.set(next.draft);
      if (next.done) onMark(tool, next.done);
    },
    [draft, tool, onMark],
  );

  const onCancel = useCallback(() => {
    setCursor(null);
    if (draft.get() !== null) draft.set(null);
    else if (selected !== null) dispatch({ type: "select-measure", id: null });
    else if (isDrawing(tool)) dispatch({ type: "tool", tool: "window" });
  }, [draft, selected, tool, dispatch]);

  /** Arrow keys move the selected measure, or its handle; false where none is selected. */
  const onNudge = useCallback(
    (dx: number, dy: number, isNew: boolean): boolean => {
      if (chosen === null || film === null) return false;
      const { rows, columns } = film.meta;
      const handle = activeHandle === null ? undefined : handlesOf(chosen)[activeHandle];
      const points =
        handle === undefined || activeHandle === null
          ? moveAll(chosen.points, [dx, dy], film.meta)
          : moveHandle(
              chosen,
              activeHandle,
              clampToFilm(pointImage(handle[0] + dx, handle[1] + dy), rows, columns),
            );
      dispatch({ type: "change-measure", id: chosen.id, change: { points }, isNew });
      return true;
    },
    [chosen, film, activeHandle, dispatch],
  );

  const onNextHandle = useCallback((): boolean => {
    if (chosen === null) return false;
    const count = handlesOf(chosen).length;
    const next = activeHandle === null ? 0 : activeHandle + 1;
    setHeld(next < count ? { id: chosen.id, handle: next } : null);
    announce(next < count ? t`Handle ${next + 1} of ${count}` : t`Whole measure`);
    return true;
  }, [chosen, activeHandle]);

  const onDelete = useCallback(
    (id: number | null): boolean => {
      if (id === null) return false;
      dispatch({ type: "delete-measure", id });
      announce(t`Measure deleted. Z brings it back.`);
      lastRef.current = "measure";
      return true;
    },
    [dispatch],
  );
  const onDeleteChosen = useCallback(() => onDelete(chosen?.id ?? null), [onDelete, chosen]);
  const onEdit = useCallback((id: number) => setAsked({ what: "measure", id }), []);
  const onEditChosen = useCallback(() => chosen && onEdit(chosen.id), [chosen, onEdit]);

  return {
    draft,
    hover,
    cursor,
    setCursor,
    asked,
    setAsked,
    measures,
    chosen,
    activeHandle,
    hasDraft,
    canUndo:
      hasDraft || state.past.length > 0 || (onAddRegion !== null && options.regionCount > 0),
    onMark,
    onTool,
    onUndo,
    onPoint,
    onCancel,
    onNudge,
    onNextHandle,
    onDelete,
    onDeleteChosen,
    onEdit,
    onEditChosen,
  };
}
