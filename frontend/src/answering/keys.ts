/** The keys of an answer and of the maps; the page binds them while they are meant. */
import type { Answer } from "@/api/types";
import type { Shortcut } from "@/ui/shortcuts";

import { ANSWERS } from "./words";

export function answerShortcuts(
  onAnswer: (answer: Answer) => void,
  onConfidence: (confidence: number) => void,
): Shortcut[] {
  return [
    ...ANSWERS.map(({ answer, keyId }) => ({ id: keyId, run: () => onAnswer(answer) })),
    ...([1, 2, 3, 4, 5] as const).map((confidence) => ({
      id: `answer.confidence_${confidence}` as const,
      run: () => onConfidence(confidence),
    })),
  ];
}

export function mapShortcuts(
  onMapKey: (key: "h" | "j" | "k") => void,
  onOpacity: (step: number) => void,
): Shortcut[] {
  return [
    { id: "map.synthesis", run: () => onMapKey("h") },
    { id: "map.tamper", run: () => onMapKey("j") },
    { id: "map.next", run: () => onMapKey("k") },
    { id: "map.less", run: () => onOpacity(-0.1) },
    { id: "map.more", run: () => onOpacity(0.1) },
  ];
}
