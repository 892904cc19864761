/** A film with its tools: window, zoom, measures, regions, a heatmap above it. */
import { useCallback, useMemo, useReducer, useRef, useState } from "react";

import type { RegionIn } from "@/api/types";
import { pointImage, type PointCanvas, type PointImage } from "@/geometry";
import { ErrorState } from "@/ui/states";

import { BoxDialog } from "./BoxDialog";
import { isDrawing, placePoint, type Draft } from "./drawing";
import { HeatmapLayer, HeatmapLegend, type HeatmapView } from "./HeatmapLayer";
import { Lens } from "./Lens";
import { Marks, type Highlight } from "./Marks";
import { Readout, Scale } from "./Readout";
import { boxRegion, freehandRegion, type BoxNumbers } from "./regions";
import { initialViewer, viewerReducer, type Tool } from "./state";
import { Toolbar } from "./Toolbar";
import { usePointer } from "./usePointer";
import { useStage } from "./useStage";
import { useViewerShortcuts } from "./useViewerShortcuts";
import { useWindows } from "./useWindows";
import "./viewer.css";

export interface FilmViewerProps {
  readonly imageId: string;
  /** What the film is, read out: "Chest PA, image 1 of 2". */
  readonly label: string;
  readonly frame: number;
  readonly onFrame: (frame: number) => void;
  /** Regions on this image; those of other frames are kept but not shown. */
  readonly regions: readonly RegionIn[];
  readonly activeRegion: number | null;
  /** Null where regions may not be changed. */
  readonly onAddRegion: ((region: RegionIn) => void) | null;
  readonly onUndoRegion: () => void;
  readonly highlights: readonly Highlight[];
  readonly heatmap: HeatmapView | null;
}

/** How far, in CSS pixels, a thinned outline may lie from the hand's. */
const OUTLINE_TOLERANCE_PX = 1.5;

export function FilmViewer(props: FilmViewerProps) {
  const { imageId, label, frame, onFrame, regions, onAddRegion, onUndoRegion, heatmap } = props;
  const elementRef = useRef<HTMLDivElement>(null);
  const handRef = useRef<HTMLDivElement>(null);
  const [state, dispatch] = useReducer(viewerReducer, initialViewer);
  const { stageRef, film, place, error, retry } = useStage(
    elementRef,
    imageId,
    frame,
    state,
    dispatch,
  );
  const [draft, setDraft] = useState<Draft | null>(null);
  const [cursor, setCursor] = useState<PointImage | null>(null);
  const [hover, setHover] = useState<{ image: PointImage; canvas: PointCanvas } | null>(null);
  const [asksNumbers, setAsksNumbers] = useState(false);
  const frames = film?.meta.frame_count ?? 1;
  const size = film?.meta ?? null;

  const onScroll = useMemo(() => {
    if (frames <= 1) return null;
    return (steps: number) => onFrame(Math.min(frames - 1, Math.max(0, frame + steps)));
  }, [frames, frame, onFrame]);

  const onTool = useCallback((tool: Tool) => {
    setDraft(null);
    setCursor(null);
    dispatch({ type: "tool", tool });
  }, []);

  const onMark = useCallback(
    (tool: Tool, points: readonly PointImage[]) => {
      const [a, b] = points;
      if (tool === "length" || tool === "angle") {
        dispatch({ type: "measure", kind: tool, points });
      } else if (onAddRegion && size && a && b) {
        const zoom = state.view?.zoom ?? 1;
        const region =
          tool === "box"
            ? boxRegion(imageId, frame, a, b, size)
            : freehandRegion(imageId, frame, points, size, OUTLINE_TOLERANCE_PX / zoom);
        if (region) onAddRegion(region);
      }
    },
    [onAddRegion, size, imageId, frame, state.view?.zoom],
  );

  const onUndo = useCallback(() => {
    if (draft) setDraft(null);
    else if (onAddRegion && regions.length > 0) onUndoRegion();
    else dispatch({ type: "drop-measure" });
  }, [draft, onAddRegion, regions.length, onUndoRegion]);

  const onNumbers = useCallback(() => setAsksNumbers(true), []);
  const onPoint = useCallback(
    (point: PointImage) => {
      if (state.tool === "freehand") {
        setAsksNumbers(true);
        return;
      }
      setCursor(point);
      const next = placePoint(draft, state.tool, point);
      setDraft(next.draft);
      if (next.done) onMark(state.tool, next.done);
    },
    [draft, state.tool, onMark],
  );
  const moveCursor = useCallback((point: PointImage | null) => {
    setCursor(point);
    setDraft((current) => (current && point ? { ...current, hover: point } : current));
  }, []);
  const onCancel = useCallback(() => {
    setDraft(null);
    setCursor(null);
    if (isDrawing(state.tool)) dispatch({ type: "tool", tool: "window" });
    return true;
  }, [state.tool]);

  const windows = useWindows(film?.meta.id === imageId ? film : null, dispatch);
  const canMark = onAddRegion !== null;
  useViewerShortcuts(
    useMemo(
      () => ({
        state,
        dispatch,
        onTool,
        canMark,
        onUndo,
        onNumbers,
        onScroll,
        cursor,
        setCursor: moveCursor,
        onPoint,
        onCancel,
        windows,
      }),
      [
        state,
        onTool,
        canMark,
        onUndo,
        onNumbers,
        onScroll,
        cursor,
        moveCursor,
        onPoint,
        onCancel,
        windows,
      ],
    ),
  );

  const pointer = usePointer({
    handRef,
    state,
    dispatch,
    place,
    draft,
    setDraft,
    onMark,
    onScroll,
    onHover: (image, canvas) => setHover(image && canvas ? { image, canvas } : null),
  });

  const onBox = (box: BoxNumbers) => {
    const corners = [pointImage(box.left, box.top), pointImage(box.right, box.bottom)];
    onMark("box", corners);
    setAsksNumbers(false);
  };

  const isCurrent = film?.meta.id === imageId;
  return (
    <section className="viewer" aria-label="Film">
      <div className="viewer-film" data-tool={state.tool}>
        <div className="viewer-stage" ref={elementRef} aria-hidden />
        {film && place && heatmap && isCurrent ? (
          <HeatmapLayer view={heatmap} place={place} size={state.size} film={film.meta} />
        ) : null}
        {film && place && isCurrent ? (
          <Marks
            place={place}
            spacing={film.meta.spacing_mm}
            regions={regions.filter((region) => region.frame === frame)}
            activeRegion={props.activeRegion}
            highlights={props.highlights}
            measures={state.measures}
            draft={draft}
            cursor={cursor}
          />
        ) : null}
        <div
          className="viewer-hand"
          ref={handRef}
          role="img"
          aria-label={label}
          data-film-ready={film && place && isCurrent ? "" : undefined}
          {...pointer}
        />
        {state.magnifier && film && place && hover ? (
          <Lens stageRef={stageRef} place={place} at={hover.image} canvas={hover.canvas} />
        ) : null}
        {error === null && !isCurrent ? (
          <div className="viewer-state" role="status">
            Loading the film…
          </div>
        ) : null}
        {error === null ? null : (
          <div className="viewer-state viewer-error">
            <ErrorState title="The film could not be shown" error={error} onRetry={retry} />
          </div>
        )}
        {film && isCurrent ? <Scale film={film} state={state} /> : null}
        {heatmap ? <HeatmapLegend view={heatmap} /> : null}
        {film && isCurrent ? (
          <Readout
            film={film}
            state={state}
            frame={frame}
            hover={cursor ?? hover?.image ?? null}
          />
        ) : null}
      </div>
      <Toolbar
        tool={state.tool}
        magnifier={state.magnifier}
        inverted={state.look?.inverted ?? false}
        flipped={state.view?.flipped ?? false}
        dispatch={dispatch}
        onTool={onTool}
        canMark={canMark}
        onUndo={onUndo}
        canUndo={draft !== null || state.measures.length > 0 || (canMark && regions.length > 0)}
        onNumbers={onNumbers}
        windows={windows}
      />
      {asksNumbers && size ? (
        <BoxDialog film={size} onBox={onBox} onClose={() => setAsksNumbers(false)} />
      ) : null}
    </section>
  );
}
