/** A film drawn wrong while the layout changes is told of only as long as it lies wrong. */
import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { affine, type Affine, type PointCanvas, type PointImage } from "@/geometry";
import type { Film } from "@/imaging";

import { CameraError } from "./stage";
import { initialViewer } from "./state";
import { useStage } from "./useStage";

type Place = Affine<PointImage, PointCanvas>;

const stage = vi.hoisted(() => ({
  onPainted: (_place: unknown) => undefined as void,
  onFailed: (_error: unknown) => undefined as void,
  shown: Promise.resolve() as Promise<unknown>,
}));

vi.mock("./stage", () => {
  class Stage {
    size = { width: 100, height: 100 };
    listen(onPainted: typeof stage.onPainted, onFailed: typeof stage.onFailed) {
      Object.assign(stage, { onPainted, onFailed });
    }
    show = () => stage.shown;
    resize = () => undefined;
    render = () => undefined;
    destroy = () => undefined;
  }
  return { Stage, CameraError: class extends Error {}, filmShape: () => ({}) };
});
vi.mock("@/imaging", () => ({ initialVoi: () => "LINEAR", initialWindow: () => ({}) }));

const PLACE: Place = affine(1, 0, 0, 1, 0, 0);

function open() {
  const element = { current: document.createElement("div") };
  return renderHook(() => useStage(element, "i-1", 0, "i-1", initialViewer, () => undefined));
}

beforeEach(() => {
  stage.shown = new Promise<Film>(() => undefined);
});

it("shows a film again that was drawn wrong once and right since", () => {
  const { result } = open();
  act(() => stage.onFailed(new CameraError("not where it should be")));
  expect(result.current.error).toBeInstanceOf(CameraError);
  act(() => stage.onPainted(PLACE));
  expect(result.current.error).toBeNull();
  expect(result.current.place).toBe(PLACE);
});

it("goes on saying that the next film could not be loaded", async () => {
  const failure = new Error("gone");
  stage.shown = Promise.reject(failure);
  const { result } = open();
  await act(() => stage.shown.catch(() => undefined));
  act(() => stage.onPainted(PLACE));
  expect(result.current.error).toBe(failure);
});
