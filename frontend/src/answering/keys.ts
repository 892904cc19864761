/** The keys of an answer and of the maps; the page binds them while they are meant. */
import { t } from "@lingui/core/macro";
import type { Answer } from "@/api/types";
import type { Shortcut } from "@/ui/shortcuts";

import { ANSWERS } from "./words";

export function answerShortcuts(
  onAnswer: (answer: Answer) => void,
  onConfidence: (confidence: number) => void,
): Shortcut[] {
  return [
    ...ANSWERS.map(({ answer, label, key }) => ({
      keys: key.toLowerCase(),
      label,
      run: () => onAnswer(answer),
    })),
    {
      keys: ["1", "2", "3", "4", "5"],
      label: t`Confidence`,
      run: (event) => onConfidence(Number(event.key)),
    },
  ];
}

export function mapShortcuts(
  onMapKey: (key: "h" | "j" | "k") => void,
  onOpacity: (step: number) => void,
): Shortcut[] {
  return [
    { keys: "h", label: t`Synthesis map on or off`, run: () => onMapKey("h") },
    { keys: "j", label: t`Tamper map on or off`, run: () => onMapKey("j") },
    { keys: "k", label: t`Next map, then none`, run: () => onMapKey("k") },
    { keys: "[", label: t`Less shading`, run: () => onOpacity(-0.1) },
    { keys: "]", label: t`More shading`, run: () => onOpacity(0.1) },
  ];
}
