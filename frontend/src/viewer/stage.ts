/** One Cornerstone StackViewport: shows a film, keeps its camera on our View, draws it. */
import { t } from "@lingui/core/macro";
import { Enums, RenderingEngine, type StackViewport } from "@cornerstonejs/core";

import {
  affine,
  apply,
  canvasFromImage,
  distance,
  pixelAspectOf,
  pointImage,
  type Affine,
  type FilmShape,
  type PointCanvas,
  type PointImage,
  type SizePx,
  type View,
} from "@/geometry";
import { greyTable, Painter, type Film, type GreyTable, type Matrix } from "@/imaging";
import { cornerstoneId, films, setDrawer, startCornerstone } from "@/imaging/cornerstone";

import type { Look } from "./state";

export function filmShape(film: Film): FilmShape {
  const { rows, columns, spacing_mm } = film.meta;
  return { rows, columns, pixelAspect: pixelAspectOf(spacing_mm) };
}

/** The camera could not be brought to where the reader put it. */
export class CameraError extends Error {}

export const PAINTED_MARK = "truefilm-film-painted";

/** Two changes of the window this close are one movement of the hand, or a key held down. */
const MOVEMENT_MS = 250;
/** After this long without a change the film is drawn again from all its pixels. */
const REST_MS = 120;
/** During a movement a film shown at up to three quarters of its size is drawn from half of it. */
const ENLARGEMENT_IN_MOVEMENT = 1.5;

let count = 0;

export class Stage {
  readonly #engine: RenderingEngine;
  readonly #viewport: StackViewport;
  /** Our own child of the element given, so that two stages never share a canvas. */
  readonly #element = document.createElement("div");
  readonly #painter = new Painter();
  readonly #lens = new Painter();
  #film: Film | null = null;
  #left = false;
  /** The film on the canvas has not been drawn yet. */
  #isNew = false;
  #asked = 0;
  #pending: Promise<unknown> = Promise.resolve();
  #table: GreyTable | null = null;
  #look: Look | null = null;
  #changedAtMs = -Infinity;
  #isMoving = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** What the next drawing must look like; null while the canvas changes its size. */
  #expected: { readonly view: View; readonly shape: FilmShape } | null = null;
  #onPainted: (map: Affine<PointImage, PointCanvas>) => void = () => undefined;
  #onFailed: (error: CameraError) => void = () => undefined;

  constructor(parent: HTMLDivElement) {
    startCornerstone();
    count += 1;
    const element = this.#element;
    element.className = "viewer-stage-host";
    parent.append(element);
    this.#engine = new RenderingEngine(`truefilm-${count}`);
    const viewportId = `film-${count}`;
    this.#engine.enableElement({ viewportId, type: Enums.ViewportType.STACK, element });
    this.#viewport = this.#engine.getViewport(viewportId) as StackViewport;
    const canvas = this.#viewport.getCanvas();
    canvas.dataset["film"] = "";
    setDrawer(canvas, (matrix) => this.#draw(canvas, matrix));
  }

  get film(): Film | null {
    return this.#film;
  }

  get size(): SizePx {
    return { width: this.#element.clientWidth, height: this.#element.clientHeight };
  }

  get pixelRatio(): number {
    const width = this.#element.clientWidth;
    return width === 0 ? 1 : this.#viewport.getCanvas().width / width;
  }

  /** `onPainted` hears where the film lies after every drawing, `onFailed` if it lies wrong. */
  listen(
    onPainted: (map: Affine<PointImage, PointCanvas>) => void,
    onFailed: (error: CameraError) => void,
  ): void {
    this.#onPainted = onPainted;
    this.#onFailed = onFailed;
  }

  /** Load a frame and put it on the viewport. Rejects with the reason when it cannot. */
  async show(imageId: string, frame: number): Promise<Film> {
    this.#asked += 1;
    const asked = this.#asked;
    // Loaded here first: Cornerstone swallows a loader's error, a reader must not miss it.
    const film = await films.load(imageId, frame);
    // A film asked for earlier may arrive later; it must not replace the newer one.
    if (this.#left || asked !== this.#asked) return film;
    const stacked = this.#viewport.setStack([cornerstoneId(imageId, frame)]);
    this.#pending = stacked.catch(() => undefined);
    await stacked;
    if (asked !== this.#asked) return film;
    this.#film = film;
    this.#table = null;
    this.#isNew = true;
    return film;
  }

  /** Put the camera at `view` and draw with `look`, in the next animation frame. */
  render(view: View, look: Look): void {
    if (this.#film === null || this.#left) return;
    this.#followHand(look);
    this.#setLook(look);
    this.#setCamera(view, this.#film);
    this.#expected = { view, shape: filmShape(this.#film) };
    this.#viewport.render();
  }

  resize(): void {
    this.#expected = null;
    this.#engine.resize(true, false);
    const canvas = this.#viewport.getCanvas();
    // Cornerstone sizes the canvas in CSS pixels here; a film deserves the device's.
    const { width, height } = this.#devicePixels();
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
  }

  /** Draw the film enlarged about `at` into a round lens; `map` is the film's own place. */
  drawLens(
    lens: HTMLCanvasElement,
    map: Affine<PointImage, PointCanvas>,
    at: PointImage,
    enlargement: number,
  ): void {
    const context = lens.getContext("2d");
    if (context === null || this.#film === null || this.#table === null) return;
    const k = enlargement * this.pixelRatio;
    const [a, b, c, d] = [map.a * k, map.b * k, map.c * k, map.d * k];
    const [x, y] = [at[0] + 0.5, at[1] + 0.5];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, lens.width, lens.height);
    this.#lens.paint(context, this.#film, this.#table, [
      a,
      b,
      c,
      d,
      lens.width / 2 - a * x - c * y,
      lens.height / 2 - b * x - d * y,
    ]);
  }

  destroy(): void {
    this.#left = true;
    clearTimeout(this.#rest);
    this.listen(
      () => undefined,
      () => undefined,
    );
    this.#element.remove();
    // Cornerstone draws when a stack arrives, and fails if its engine is gone by then.
    void this.#pending.then(() => this.#engine.destroy());
  }

  /** Windowing five million pixels in software is too slow to follow a hand. */
  #followHand(look: Look): void {
    clearTimeout(this.#rest);
    const isChange = this.#look !== null && this.#look !== look && !this.#isNew;
    const now = performance.now();
    this.#isMoving = isChange && now - this.#changedAtMs < MOVEMENT_MS;
    if (isChange) this.#changedAtMs = now;
    if (!this.#isMoving) return;
    this.#rest = setTimeout(() => {
      this.#isMoving = false;
      this.#viewport.render();
    }, REST_MS);
  }

  #setLook(look: Look): void {
    const film = this.#film;
    if (film === null || (this.#look === look && this.#table !== null)) return;
    this.#look = look;
    this.#table = greyTable(film, look.window, look.voi, look.inverted);
    const { center, width } = look.window;
    this.#viewport.setProperties(
      { voiRange: { lower: center - width / 2, upper: center + width / 2 }, invert: false },
      true,
    );
  }

  /** Cornerstone's index space puts the corner of pixel (0, 0) at 0, ours its centre. */
  #worldOf(film: Film, [column, row]: PointImage): [number, number, number] {
    const [rowMm, columnMm] = film.meta.spacing_mm ?? [1, 1];
    return [(column + 0.5) * columnMm, (row + 0.5) * rowMm, 0];
  }

  #setCamera(view: View, film: Film): void {
    const viewport = this.#viewport;
    const zoom = view.zoom * this.pixelRatio;
    viewport.setViewPresentation({ rotation: view.quarterTurns * 90 });
    viewport.setCamera({ flipHorizontal: view.flipped, flipVertical: false });
    viewport.setCamera({ scale: zoom } as Parameters<typeof viewport.setCamera>[0]);
    viewport.setCamera({ focalPoint: this.#worldOf(film, view.centre) });
  }

  #draw(canvas: HTMLCanvasElement, matrix: readonly number[]): void {
    const context = canvas.getContext("2d");
    if (context === null || this.#film === null || this.#table === null) return;
    const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = matrix;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const place: Matrix = [a, b, c, d, e, f];
    const enlargement = this.#isMoving ? ENLARGEMENT_IN_MOVEMENT : 1;
    this.#painter.paint(context, this.#film, this.#table, place, enlargement);
    const map = cssFromImage(place, this.pixelRatio);
    const expected = this.#expected;
    if (expected === null) return;
    if (isPlaced(map, expected.view, expected.shape, this.size)) {
      this.#onPainted(map);
      if (this.#isNew) markPainted();
      this.#isNew = false;
    } else if (this.#fills(canvas)) {
      this.#onFailed(new CameraError(t`The film was not drawn where it should be.`));
    }
  }

  /** False until `resize` has followed a change of layout: what is drawn then is drawn anew. */
  #fills(canvas: HTMLCanvasElement): boolean {
    const { width, height } = this.#devicePixels();
    return canvas.width === width && canvas.height === height;
  }

  #devicePixels(): SizePx {
    const ratio = window.devicePixelRatio || 1;
    const { width, height } = this.size;
    return { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  }
}

/** Tell a measuring test when a new film was on screen; only the last mark is kept. */
function markPainted(): void {
  performance.clearMarks(PAINTED_MARK);
  performance.mark(PAINTED_MARK);
}

/** Return where film pixels lie in CSS pixels, from the matrix a film was drawn with. */
function cssFromImage(matrix: Matrix, ratio: number): Affine<PointImage, PointCanvas> {
  const [a, b, c, d, e, f] = matrix.map((value) => value / ratio) as unknown as Matrix;
  return affine(a, b, c, d, e + (a + c) / 2, f + (b + d) / 2);
}

/** Return whether the film lies where `view` says, to half a pixel. */
export function isPlaced(
  map: Affine<PointImage, PointCanvas>,
  view: View,
  shape: FilmShape,
  size: SizePx,
): boolean {
  const wanted = canvasFromImage(view, shape, size);
  const corners = [pointImage(0, 0), pointImage(shape.columns - 1, shape.rows - 1)];
  return corners.every((corner) => {
    const off = distance(apply(map, corner), apply(wanted, corner));
    return off <= 0.5 * Math.max(1, view.zoom);
  });
}
