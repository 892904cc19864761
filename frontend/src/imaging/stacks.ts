/** Which images of a study are one stack. Pure. */
import type { FramePlace } from "./films";

const SLICED = new Set(["CT", "MR", "PT", "NM"]);

/** Fewer images of a series are views beside each other. */
const LEAST_SLICES = 3;

/** What has to be known of an image to say which stack it lies in. */
export interface StackImage {
  readonly id: string;
  readonly series_id: string;
  readonly rows: number;
  readonly columns: number;
  readonly frame_count: number;
}

export interface StackStudy<Image extends StackImage = StackImage> {
  readonly modality: string;
  readonly images: readonly Image[];
}

function isOneStack(images: readonly StackImage[]): boolean {
  const [first] = images;
  return (
    first !== undefined &&
    images.length >= LEAST_SLICES &&
    images.every((image) => image.rows === first.rows && image.columns === first.columns)
  );
}

/** Return the frames of one image, in their order. */
export function framesOf({
  id,
  frame_count,
}: Pick<StackImage, "id" | "frame_count">): readonly FramePlace[] {
  return Array.from({ length: frame_count }, (_, frame) => ({ imageId: id, frame }));
}

/**
 * Return the stack an image lies in: all frames of its series for cross-sections, else its
 * own frames.
 */
export function stackOf(study: StackStudy, imageId: string): readonly FramePlace[] {
  const image = study.images.find((known) => known.id === imageId);
  if (image === undefined) return [];
  const series = study.images.filter((known) => known.series_id === image.series_id);
  const isSliced = SLICED.has(study.modality) && isOneStack(series);
  return (isSliced ? series : [image]).flatMap(framesOf);
}

/** Return one image for each stack: what stands for it in a list. */
export function stackHeads<Image extends StackImage>(
  study: StackStudy<Image>,
): readonly Image[] {
  return study.images.filter((image) => stackOf(study, image.id)[0]?.imageId === image.id);
}
