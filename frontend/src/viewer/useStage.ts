/** The life of a Stage inside a component: start, load, resize, draw, end. */
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type Dispatch,
  type RefObject,
} from "react";

import type { Affine, PointCanvas, PointImage } from "@/geometry";
import { initialVoi, initialWindow, type Film } from "@/imaging";

import { CameraError, filmShape, Stage } from "./stage";
import type { ViewerAction, ViewerState } from "./state";

export type FilmPlace = Affine<PointImage, PointCanvas>;

export interface StageHandle {
  readonly stageRef: RefObject<Stage | null>;
  readonly film: Film | null;
  readonly place: FilmPlace | null;
  readonly error: unknown;
  readonly retry: () => void;
}

function lookOf(film: Film) {
  return { window: initialWindow(film), voi: initialVoi(film.meta), inverted: false };
}

/** Loads films into a stage, and draws none: see `useDrawing`. */
export function useLoadedStage(
  elementRef: RefObject<HTMLDivElement | null>,
  imageId: string,
  frame: number,
  /** Films of one stack keep view and window; others start anew. */
  stackKey: string,
  dispatch: Dispatch<ViewerAction>,
): StageHandle {
  const stageRef = useRef<Stage | null>(null);
  const shownRef = useRef<string | null>(null);
  const [film, setFilm] = useState<Film | null>(null);
  const [place, setPlace] = useState<FilmPlace | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);

  useEffect(() => {
    const element = elementRef.current;
    if (element === null) return;
    const stage = new Stage(element);
    stageRef.current = stage;
    stage.listen((painted) => {
      setPlace(painted);
      // Where it should be after all: only that it was not is withdrawn.
      setError((known: unknown) => (known instanceof CameraError ? null : known));
    }, setError);
    const observer = new ResizeObserver(() => {
      stage.resize();
      dispatch({ type: "size", size: stage.size });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      stage.destroy();
      stageRef.current = null;
      shownRef.current = null;
    };
  }, [elementRef, dispatch]);

  useEffect(() => {
    const stage = stageRef.current;
    if (stage === null) return;
    let left = false;
    stage
      .show(imageId, frame)
      .then((next) => {
        if (left) return;
        const keep = shownRef.current === stackKey;
        shownRef.current = stackKey;
        setError(null);
        setFilm(next);
        dispatch({ type: "film", shape: filmShape(next), look: lookOf(next), keep });
      })
      .catch((reason: unknown) => {
        if (!left) setError(reason);
      });
    return () => {
      left = true;
    };
  }, [imageId, frame, stackKey, attempt, dispatch]);

  return { stageRef, film, place, error, retry };
}

/** Draws what a stage holds; while `isHeld` the canvas stays as it is. */
export function useDrawing(
  { stageRef, film }: Pick<StageHandle, "stageRef" | "film">,
  { view, look, size }: Pick<ViewerState, "view" | "look" | "size">,
  isHeld: boolean,
): void {
  // Not a passive effect: those wait for the next paint, and the film would lag a frame behind.
  useLayoutEffect(() => {
    if (view && look && film && !isHeld) stageRef.current?.render(view, look);
  }, [stageRef, view, look, size, film, isHeld]);
}

/** A stage that draws each film as it comes. */
export function useStage(
  elementRef: RefObject<HTMLDivElement | null>,
  imageId: string,
  frame: number,
  stackKey: string,
  state: ViewerState,
  dispatch: Dispatch<ViewerAction>,
): StageHandle {
  const stage = useLoadedStage(elementRef, imageId, frame, stackKey, dispatch);
  useDrawing(stage, state, false);
  return stage;
}
