/** Computes views beside the page, so that the film stays quick. */
import { computeView, eightBitOf, errorPicture, greyOf, type Job, type Picture } from "./views";

export interface JobAnswer {
  readonly id: number;
  /** Null where it could not be computed; the page has the words for that. */
  readonly picture: Picture | null;
}

/** Return the grey levels after one more JPEG compression. */
async function recompress(
  levels: Uint8ClampedArray,
  rows: number,
  columns: number,
  quality: number,
): Promise<Uint8ClampedArray> {
  const canvas = new OffscreenCanvas(columns, rows);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("This browser gives no canvas to compress with.");
  const image = context.createImageData(columns, rows);
  levels.forEach((level, i) => image.data.fill(level, i * 4, i * 4 + 3));
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
  context.putImageData(image, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
  const bitmap = await createImageBitmap(blob);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const after = context.getImageData(0, 0, columns, rows).data;
  return Uint8ClampedArray.from(levels, (_, i) => after[i * 4] as number);
}

async function compute({ view, setting, input }: Job): Promise<Picture> {
  const grey = greyOf(input);
  if (view !== "ela") return computeView(view, setting, grey);
  const before = eightBitOf(grey);
  const after = await recompress(before, grey.rows, grey.columns, setting);
  return errorPicture(grey, before, after);
}

self.onmessage = ({ data: job }: MessageEvent<Job>) => {
  compute(job)
    .then((picture): JobAnswer => ({ id: job.id, picture }))
    .catch((): JobAnswer => ({ id: job.id, picture: null }))
    .then((answer) => self.postMessage(answer));
};
