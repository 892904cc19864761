import { t } from "@lingui/core/macro";
import { type KeyboardEvent, useId, useState } from "react";

import { announce } from "@/ui/announce";
import { Button } from "@/ui/Button";
import {
  collisionsOf,
  entryOf,
  isChangeable,
  type KeyId,
  type Keymap,
  keysFor,
  printKey,
  recordedKey,
} from "@/ui/keys";

interface KeyRowProps {
  readonly id: KeyId;
  readonly keymap: Keymap;
  readonly isRecording: boolean;
  readonly onRecord: (isOn: boolean) => void;
  /** Null: the usual keys again; empty: off. */
  readonly onKeys: (keys: readonly string[] | null) => void;
}

const MODIFIER = /^(Shift|Control|Alt|AltGraph|Meta|CapsLock)$/;

/** One shortcut: its keys, and the buttons that put another in their place. */
export function KeyRow({ id, keymap, isRecording, onRecord, onKeys }: KeyRowProps) {
  const { label } = entryOf(id);
  const keys = keysFor(id, { ...keymap, singleKeys: true });
  // Buttons stay in the tab order when they have nothing to do: the focus is not lost.
  const isOff = keymap.keys[id]?.length === 0;
  const isUsual = keymap.keys[id] === undefined;
  const labelId = useId();
  const [refusal, setRefusal] = useState("");
  const stop = () => {
    setRefusal("");
    onRecord(false);
  };
  const record = (event: KeyboardEvent) => {
    if (!isRecording || event.key === "Tab" || MODIFIER.test(event.key)) return;
    // Nothing else on the page hears of it.
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") {
      stop();
      return;
    }
    const key = recordedKey(event);
    const others = key === null ? [] : collisionsOf(id, key, keymap);
    if (key === null) {
      setRefusal(t`This key stays as it is. Take a letter, a digit, a sign, or F2.`);
    } else if (others.length > 0) {
      setRefusal(t`${printKey(key).join(" ")} is taken: ${others.map(nameOf).join("; ")}.`);
    } else {
      onKeys([key]);
      announce(t`${label}: ${printKey(key).join(" ")}`);
      stop();
    }
  };
  return (
    <li className="key-row">
      <span id={labelId}>{label}</span>
      <span className="key-caps">
        {keys.length === 0 ? <span className="muted">{t`off`}</span> : null}
        {keys.map((key) => (
          <span key={key}>
            {printKey(key).map((part) => (
              <kbd key={part}>{part}</kbd>
            ))}
          </span>
        ))}
      </span>
      {isChangeable(id) ? (
        <span className="key-deeds">
          <Button
            small
            variant={isRecording ? "primary" : "default"}
            aria-describedby={labelId}
            aria-pressed={isRecording}
            onClick={() => (isRecording ? stop() : onRecord(true))}
            onKeyDown={record}
            onBlur={() => (isRecording ? stop() : undefined)}
          >
            {isRecording ? t`Press a key; Esc: leave it` : t`Change`}
          </Button>
          <Button
            small
            variant="ghost"
            aria-describedby={labelId}
            aria-disabled={isOff}
            onClick={() => (isOff ? undefined : onKeys([]))}
          >
            {t`Off`}
          </Button>
          <Button
            small
            variant="ghost"
            aria-describedby={labelId}
            aria-disabled={isUsual}
            onClick={() => (isUsual ? undefined : reset(id, keymap, onKeys, setRefusal))}
          >
            {t`Usual`}
          </Button>
        </span>
      ) : (
        <span className="key-deeds muted">{t`stays as it is`}</span>
      )}
      <span role="status" className="key-refusal">
        {refusal}
      </span>
    </li>
  );
}

/** The usual key may have been given to another shortcut since. */
function reset(
  id: KeyId,
  keymap: Keymap,
  onKeys: KeyRowProps["onKeys"],
  onRefusal: (words: string) => void,
) {
  const others = entryOf(id).keys.flatMap((key) => collisionsOf(id, key, keymap));
  if (others.length > 0) {
    onRefusal(t`Its usual key is taken: ${others.map(nameOf).join("; ")}.`);
    return;
  }
  onRefusal("");
  onKeys(null);
}

function nameOf(id: KeyId): string {
  const { heading, label } = entryOf(id);
  return t`“${label}” (${heading})`;
}
