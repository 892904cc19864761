import { t } from "@lingui/core/macro";
import type { CaseDetail, ImageRef } from "@/api/types";

/** "PA", "LAT L" or, where the file says nothing, "Image 2". */
export function imageName(image: Pick<ImageRef, "view" | "laterality">, index: number): string {
  const words = [image.view, image.laterality].filter((word) => word !== "").join(" ");
  return words === "" ? t`Image ${index + 1}` : words;
}

/** "Chest PA, PA", read out; "Film, image 1" where the study has no description. */
export function filmLabel(description: string, name: string): string {
  const what = description.trim() === "" ? t`Film` : description;
  const which = name.replace(/^Image /, "image ");
  return which === "" ? what : `${what}, ${which}`;
}

export function imageNames(detail: Pick<CaseDetail, "images">): ReadonlyMap<string, string> {
  return new Map(detail.images.map((image, i) => [image.id, imageName(image, i)]));
}
