/** A film with its tools: window, zoom, measures, regions, a heatmap above it. */
import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";

import type { RegionIn } from "@/api/types";
import { pointImage } from "@/geometry";
import type { FramePlace } from "@/imaging";
import { films } from "@/imaging/cornerstone";
import { ErrorState } from "@/ui/states";

import { BoxDialog } from "./BoxDialog";
import {
  CornerText,
  keepCornerText,
  readCornerText,
  SideMarkers,
  type CornerFacts,
} from "./CornerText";
import { HeatmapLayer, HeatmapLegend, type HeatmapView } from "./HeatmapLayer";
import { ForensicLayer, ForensicPanel } from "./forensic/ForensicPanel";
import { useForensic } from "./forensic/useForensic";
import { useLegendSide } from "./legendPlace";
import { Lens } from "./Lens";
import { DraftLayer, Marks, type Highlight } from "./Marks";
import { MeasureDialog } from "./MeasureDialog";
import { MeasureList } from "./MeasureList";
import { currentPreset } from "./presets";
import { Readout, Scale } from "./Readout";
import { StackBar } from "./StackBar";
import { indexInStack, placesAround, stepInStack } from "./stack";
import { initialViewer, viewerReducer } from "./state";
import { Toolbar } from "./Toolbar";
import { useCine } from "./useCine";
import { useMarks } from "./useMarks";
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
  /** The slices this film is one of, itself among them. */
  readonly stack: readonly FramePlace[];
  /** Slices that the system flags, by their index in the stack, ascending. */
  readonly flagged: readonly number[];
  readonly onPlace: (place: FramePlace) => void;
  readonly facts: CornerFacts;
  /** Regions on this image; those of other frames are kept but not shown. */
  readonly regions: readonly RegionIn[];
  readonly activeRegion: number | null;
  /** Null where regions may not be changed. */
  readonly onAddRegion: ((region: RegionIn) => void) | null;
  readonly onUndoRegion: () => void;
  readonly highlights: readonly Highlight[];
  readonly heatmap: HeatmapView | null;
  /** Whether the reader may look at views computed from the pixels yet. */
  readonly allowsForensic: boolean;
}

function useCornerText() {
  const [isShown, setShown] = useState(readCornerText);
  const toggle = useCallback(() => setShown((shown) => !shown), []);
  useEffect(() => keepCornerText(isShown), [isShown]);
  return { isShown, toggle };
}

/** The place in the stack, the steps through it, what is fetched ahead. */
function useStack({ imageId, frame, stack, onPlace }: FilmViewerProps) {
  const index = indexInStack(stack, { imageId, frame });
  const count = stack.length;
  const onIndex = useCallback(
    (next: number) => {
      const place = stack[next];
      if (place) onPlace(place);
    },
    [stack, onPlace],
  );
  const cine = useCine(stack, index, onIndex);
  const { stop } = cine;
  const onScroll = useMemo(() => {
    if (count <= 1) return null;
    return (steps: number) => {
      stop();
      onIndex(stepInStack(index, steps, count));
    };
  }, [count, index, onIndex, stop]);
  useEffect(() => {
    if (count > 1) films.prefetchAround(placesAround(stack, index));
  }, [stack, index, count]);
  return { index, count, onIndex, onScroll, cine, key: stack[0]?.imageId ?? imageId };
}

export function FilmViewer(props: FilmViewerProps) {
  const { imageId, label, frame, regions, onAddRegion, heatmap } = props;
  const elementRef = useRef<HTMLDivElement>(null);
  const handRef = useRef<HTMLDivElement>(null);
  const [state, dispatch] = useReducer(viewerReducer, initialViewer);
  const stack = useStack(props);
  const { stageRef, film, place, error, retry } = useStage(
    elementRef,
    imageId,
    frame,
    stack.key,
    state,
    dispatch,
  );
  const isCurrent = film?.meta.id === imageId && film.frame === frame;
  const shown = isCurrent ? film : null;
  const corner = useCornerText();
  const forensic = useForensic(shown, props.allowsForensic);
  const onForensic = props.allowsForensic ? forensic.toggle : null;
  const canMark = onAddRegion !== null;
  const marks = useMarks({
    imageId,
    frame,
    film: shown,
    state,
    dispatch,
    regionCount: regions.length,
    onAddRegion,
    onUndoRegion: props.onUndoRegion,
  });
  const { setAsked, measures } = marks;
  const onNumbers = useCallback(() => setAsked({ what: "box" }), [setAsked]);
  const windows = useWindows(shown, dispatch);
  const { onScroll, cine } = stack;
  const isStack = stack.count > 1;

  useViewerShortcuts(
    useMemo(
      () => ({
        state,
        dispatch,
        canMark,
        windows,
        onNumbers,
        onScroll,
        onCine: isStack ? cine.toggle : null,
        onCornerText: corner.toggle,
        onForensic,
        onTool: marks.onTool,
        onUndo: marks.onUndo,
        cursor: marks.cursor,
        setCursor: marks.setCursor,
        onPoint: marks.onPoint,
        onCancel: marks.onCancel,
        onNudge: marks.onNudge,
        onNextHandle: marks.onNextHandle,
        onDelete: marks.onDeleteChosen,
        onEdit: marks.onEditChosen,
      }),
      [
        state,
        canMark,
        windows,
        onNumbers,
        onScroll,
        isStack,
        cine.toggle,
        corner.toggle,
        onForensic,
        marks.onTool,
        marks.onUndo,
        marks.cursor,
        marks.setCursor,
        marks.onPoint,
        marks.onCancel,
        marks.onNudge,
        marks.onNextHandle,
        marks.onDeleteChosen,
        marks.onEditChosen,
      ],
    ),
  );

  const pointer = usePointer({
    handRef,
    state,
    dispatch,
    place,
    measures,
    draft: marks.draft,
    hover: marks.hover,
    onMark: marks.onMark,
    onScroll,
  });
  const here = useMemo(
    () => regions.filter((region) => region.frame === frame),
    [regions, frame],
  );
  const { asked } = marks;
  const edited =
    asked?.what === "measure"
      ? measures.find((known) => known.id === asked.id)
      : // A new arrow is selected when it is made, and asks for its words at once.
        asked?.what === "new-arrow" && marks.chosen;
  const close = () => setAsked(null);
  const hasSide = heatmap !== null || forensic.isOpen;
  const side = useLegendSide(heatmap?.map ?? null, place, state.size, state.view);

  return (
    <section className="viewer" aria-label={t`Film`}>
      <div className="viewer-film" data-tool={state.tool}>
        <div className="viewer-stage" ref={elementRef} aria-hidden />
        {forensic.picture &&
        forensic.isOpen &&
        forensic.isOver &&
        forensic.view.isAligned &&
        place ? (
          <ForensicLayer picture={forensic.picture} place={place} size={state.size} />
        ) : null}
        {shown && place && heatmap ? (
          <HeatmapLayer
            view={heatmap}
            place={place}
            size={state.size}
            film={shown.meta}
            isTextShown={corner.isShown}
            highlights={props.highlights}
          />
        ) : null}
        {shown && place ? (
          <>
            <Marks
              place={place}
              film={shown}
              regions={here}
              activeRegion={props.activeRegion}
              highlights={props.highlights}
              measures={measures}
              selected={state.selected}
              activeHandle={marks.activeHandle}
            />
            <DraftLayer
              place={place}
              film={shown}
              draft={marks.draft}
              hover={marks.hover}
              cursor={marks.cursor}
            />
          </>
        ) : null}
        {shown && state.view ? <SideMarkers film={shown} view={state.view} /> : null}
        {shown && corner.isShown ? (
          <CornerText
            film={shown}
            facts={props.facts}
            isTopLeftFree={!hasSide || side === "right"}
            isTopRightFree={!hasSide || side === "left"}
          />
        ) : null}
        <div
          className="viewer-hand"
          ref={handRef}
          role="img"
          aria-label={label}
          data-film-ready={shown && place ? "" : undefined}
          {...pointer}
        />
        {state.magnifier && shown && place ? (
          <Lens stageRef={stageRef} place={place} hover={marks.hover} />
        ) : null}
        {error === null && !isCurrent ? (
          <div className="viewer-state" role="status">
            {t`Loading the film…`}
          </div>
        ) : null}
        {error === null ? null : (
          <div className="viewer-state viewer-error">
            <ErrorState title={t`The film could not be shown`} error={error} onRetry={retry} />
          </div>
        )}
        {shown ? <Scale film={shown} state={state} /> : null}
        {hasSide ? (
          <div className="viewer-side" data-side={side}>
            {heatmap ? <HeatmapLegend view={heatmap} /> : null}
            {forensic.isOpen ? <ForensicPanel forensic={forensic} /> : null}
          </div>
        ) : null}
        {shown ? (
          <div className="viewer-foot">
            <MeasureList
              measures={measures}
              film={shown}
              selected={state.selected}
              onSelect={(id) => dispatch({ type: "select-measure", id })}
              onEdit={marks.onEdit}
              onDelete={marks.onDelete}
            />
            <Readout
              film={shown}
              state={state}
              place={isStack ? t`slice ${stack.index + 1} of ${stack.count}` : ""}
              hover={marks.hover}
              cursor={marks.cursor}
              map={heatmap}
            />
          </div>
        ) : null}
      </div>
      {isStack ? (
        <StackBar
          index={stack.index}
          count={stack.count}
          flagged={props.flagged}
          cine={cine}
          onIndex={(next) => {
            cine.stop();
            stack.onIndex(next);
          }}
        />
      ) : null}
      <Toolbar
        tool={state.tool}
        magnifier={state.magnifier}
        inverted={state.look?.inverted ?? false}
        flipped={state.view?.flipped ?? false}
        cornerText={corner.isShown}
        dispatch={dispatch}
        onTool={marks.onTool}
        onCornerText={corner.toggle}
        forensic={forensic.isOpen}
        onForensic={onForensic}
        canMark={canMark}
        onUndo={marks.onUndo}
        canUndo={marks.canUndo}
        onNumbers={onNumbers}
        windows={windows}
        preset={windows ? currentPreset(windows.presets, state.look) : null}
      />
      {asked?.what === "box" && shown ? (
        <BoxDialog
          film={shown.meta}
          onBox={(box) => {
            marks.onMark("box", [
              pointImage(box.left, box.top),
              pointImage(box.right, box.bottom),
            ]);
            close();
          }}
          onClose={close}
        />
      ) : null}
      {edited && shown ? (
        <MeasureDialog
          key={edited.id}
          measure={edited}
          film={shown.meta}
          onChange={(change) => {
            dispatch({ type: "change-measure", id: edited.id, change, isNew: true });
            close();
          }}
          onClose={close}
        />
      ) : null}
    </section>
  );
}
