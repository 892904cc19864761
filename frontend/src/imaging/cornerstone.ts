/** Cornerstone3D fed from our own store: image loader, metadata, one-time start. */
import {
  cache,
  Enums,
  imageLoader,
  init,
  metaData,
  setUseCPURendering,
  type Types,
} from "@cornerstonejs/core";

import { FilmStore } from "./films";
import type { Film } from "./decode";
import { initialWindow } from "./window";

const SCHEME = "truefilm";

export function cornerstoneId(imageId: string, frame: number): string {
  return `${SCHEME}:${imageId}?frame=${frame}`;
}

function parseId(id: string): { imageId: string; frame: number } | null {
  const match = /^truefilm:(.+)\?frame=(\d+)$/.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { imageId: match[1], frame: Number(match[2]) };
}

/** The films of this page. What leaves it leaves Cornerstone's cache as well. */
export const films = new FilmStore(undefined, undefined, (imageId, frame) => {
  const id = cornerstoneId(imageId, frame);
  if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true });
});

/** Draws on the canvas of a viewport; kept by canvas because Cornerstone shares image objects. */
export type DrawFilm = (matrix: readonly number[]) => void;
const drawers = new WeakMap<HTMLCanvasElement, DrawFilm>();

export function setDrawer(canvas: HTMLCanvasElement, draw: DrawFilm): void {
  drawers.set(canvas, draw);
}

/** The spacing Cornerstone may divide by: the film's own if trustworthy, else 1 x 1. */
function safeSpacing(film: Film): readonly [row: number, column: number] {
  const spacing = film.meta.spacing_mm;
  if (spacing === null || !spacing.every((mm) => Number.isFinite(mm) && mm > 0)) return [1, 1];
  return spacing;
}

type CpuElement = Parameters<NonNullable<Types.IImage["render"]>>[0];

function draw(element: CpuElement): void {
  const matrix = element.transform?.getMatrix();
  if (element.canvas && matrix) drawers.get(element.canvas)?.(matrix);
}

function imageOf(id: string, film: Film): Types.IImage {
  const { meta, pixels } = film;
  const window = initialWindow(film);
  const [rowPixelSpacing, columnPixelSpacing] = safeSpacing(film);
  const colour = meta.samples === 3;
  const image = {
    imageId: id,
    minPixelValue: film.min,
    maxPixelValue: film.max,
    slope: meta.slope,
    intercept: meta.intercept,
    windowCenter: window.center,
    windowWidth: window.width,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    getPixelData: () => pixels,
    rows: meta.rows,
    columns: meta.columns,
    height: meta.rows,
    width: meta.columns,
    color: colour,
    rgba: false,
    numberOfComponents: meta.samples,
    columnPixelSpacing,
    rowPixelSpacing,
    // MONOCHROME1 is turned in greyTable; Cornerstone must not turn it again.
    invert: false,
    photometricInterpretation: colour ? "RGB" : "MONOCHROME2",
    sizeInBytes: pixels.byteLength,
    dataType: pixels.constructor.name,
    imageFrame: {},
    render: draw,
  };
  return image as unknown as Types.IImage;
}

function load(id: string): ReturnType<Types.ImageLoaderFn> {
  const parsed = parseId(id);
  const promise =
    parsed === null
      ? Promise.reject(new Error("Not a film of this system."))
      : films.load(parsed.imageId, parsed.frame).then((film) => imageOf(id, film));
  return { promise };
}

function metadataOf(kind: string, id: unknown): unknown {
  const parsed = typeof id === "string" ? parseId(id) : null;
  const film = parsed && films.peek(parsed.imageId, parsed.frame);
  if (!film) return undefined;
  const { meta } = film;
  const [rowPixelSpacing, columnPixelSpacing] = safeSpacing(film);
  const bits = film.pixels.BYTES_PER_ELEMENT * 8;
  switch (kind) {
    case "imagePixelModule":
      return {
        bitsAllocated: bits,
        bitsStored: meta.bits_stored,
        highBit: meta.bits_stored - 1,
        samplesPerPixel: meta.samples,
        pixelRepresentation: meta.is_signed ? 1 : 0,
        photometricInterpretation: meta.samples === 3 ? "RGB" : "MONOCHROME2",
      };
    case "imagePlaneModule":
      return {
        frameOfReferenceUID: meta.id,
        rows: meta.rows,
        columns: meta.columns,
        rowPixelSpacing,
        columnPixelSpacing,
        rowCosines: [1, 0, 0],
        columnCosines: [0, 1, 0],
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        imagePositionPatient: [0, 0, 0],
        usingDefaultValues: meta.spacing_mm === null,
      };
    case "generalSeriesModule":
      return { modality: "OT" };
    default:
      return undefined;
  }
}

let started = false;

/** Start Cornerstone once. */
export function startCornerstone(): void {
  if (started) return;
  started = true;
  init();
  // One path for every machine: greys are computed here to the last bit, so that what a
  // reader judges never depends on a driver's texture formats.
  setUseCPURendering(true);
  imageLoader.registerImageLoader(SCHEME, load);
  metaData.addProvider(metadataOf, 100);
}
