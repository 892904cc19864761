/** What the viewer has to know of a case: which images are one stack, what stands beside. Pure. */
import type { CaseDetail, ImageRef } from "@/api/types";
import type { FramePlace } from "@/imaging";
import { formatAgeSex, formatDate, formatPatientName } from "@/ui/format";
import type { CornerFacts } from "@/viewer";

const SLICED = new Set(["CT", "MR", "PT", "NM"]);

/** Fewer images of a series are views beside each other. */
const LEAST_SLICES = 3;

function isOneStack(images: readonly ImageRef[]): boolean {
  const [first] = images;
  return (
    first !== undefined &&
    images.length >= LEAST_SLICES &&
    images.every((image) => image.rows === first.rows && image.columns === first.columns)
  );
}

/**
 * Return the stack an image lies in: all frames of its series for cross-sections, else its
 * own frames.
 */
export function stackOf(
  detail: Pick<CaseDetail, "images" | "modality">,
  imageId: string,
): readonly FramePlace[] {
  const image = detail.images.find((known) => known.id === imageId);
  if (image === undefined) return [];
  const series = detail.images.filter((known) => known.series_id === image.series_id);
  const isSliced = SLICED.has(detail.modality) && isOneStack(series);
  return (isSliced ? series : [image]).flatMap(({ id, frame_count }) =>
    Array.from({ length: frame_count }, (_, frame) => ({ imageId: id, frame })),
  );
}

/** Return one image for each stack: what the strip beside the film shows. */
export function stackHeads(
  detail: Pick<CaseDetail, "images" | "modality">,
): readonly ImageRef[] {
  return detail.images.filter((image) => stackOf(detail, image.id)[0]?.imageId === image.id);
}

/**
 * Return where in a stack of several images flagged ones lie. Of the frames of one image the
 * lanes do not say which.
 */
export function flaggedIn(
  stack: readonly FramePlace[],
  flagged: ReadonlySet<string>,
): readonly number[] {
  if (new Set(stack.map((place) => place.imageId)).size < 2) return [];
  return stack.flatMap(({ imageId }, index) => (flagged.has(imageId) ? [index] : []));
}

/** Return the images of the strip that are flagged, or whose stack holds a flagged one. */
export function flaggedHeads(
  detail: Pick<CaseDetail, "images" | "modality">,
  flagged: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set(
    detail.images
      .filter((image) => flagged.has(image.id))
      .flatMap((image) => stackOf(detail, image.id)[0]?.imageId ?? []),
  );
}

/** Return the lines in the corners of the film. */
export function cornerFacts(
  detail: Pick<
    CaseDetail,
    "patient" | "description" | "study_date" | "accession_number" | "modality" | "manufacturer"
  >,
): CornerFacts {
  const { patient } = detail;
  return {
    patient: [
      formatPatientName(patient.name),
      patient.patient_id,
      formatAgeSex(patient.age_years, patient.sex),
    ],
    study: [
      detail.description,
      detail.study_date === null ? "" : formatDate(detail.study_date),
      detail.accession_number,
      [detail.modality, detail.manufacturer].filter((fact) => fact !== "").join(", "),
    ],
  };
}
