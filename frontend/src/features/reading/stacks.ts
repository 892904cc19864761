/** What the viewer has to know of a case: which slices are flagged, what stands beside. Pure. */
import type { CaseDetail } from "@/api/types";
import { stackOf, type FramePlace } from "@/imaging";
import { formatAgeSex, formatDate, formatPatientName } from "@/ui/format";
import type { CornerFacts } from "@/viewer";

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

/** Compare begins at the slice the reader looks at; a film is no slice of anything. */
export function comparePath(
  caseId: string,
  { stack, imageId, frame }: FramePlace & { readonly stack: readonly FramePlace[] },
): string {
  const path = `/cases/${caseId}/compare`;
  return stack.length > 1 ? `${path}?image=${imageId}&frame=${frame}` : path;
}
