/** Every shortcut by a name that stays, with its usual keys and where it is meant. */
import { t } from "@lingui/core/macro";

/** What a reader may be doing; two shortcuts with one key must not be meant at one place. */
export type Place = "list" | "read" | "verdict" | "settle" | "practice" | "compare" | "audit";

export interface KeyEntry {
  readonly heading: string;
  readonly label: string;
  readonly at: readonly Place[];
  /** As in KeyboardEvent.key; a person may put others in their place. */
  readonly keys: readonly string[];
  /** These work always: they are no characters, or belong to the browser's own ways. */
  readonly always: readonly string[];
  /** With Shift the same key does it another way. */
  readonly alsoShift: boolean;
}

const EVERY_PLACE: readonly Place[] = [
  "list",
  "read",
  "verdict",
  "settle",
  "practice",
  "compare",
  "audit",
];
const CASE: readonly Place[] = ["read", "verdict", "settle"];
const FILM: readonly Place[] = [...CASE, "practice"];
const FILMS: readonly Place[] = [...FILM, "compare"];

type More = Partial<Pick<KeyEntry, "always" | "alsoShift">>;

function under(heading: string, at: readonly Place[]) {
  return (label: string, keys: string, more: More = {}): KeyEntry => ({
    heading,
    label,
    at,
    keys: keys === "" ? [] : keys.split(" "),
    always: [],
    alsoShift: false,
    ...more,
  });
}

const everywhere = under(t`Everywhere`, EVERY_PLACE);
const list = under(t`Worklist`, ["list"]);
const answer = under(t`First answer`, ["read", "practice"]);
const verdict = under(t`Verdict`, ["verdict"]);
const settle = under(t`Settling`, ["settle"]);
const map = under(t`Maps`, FILM);
const onCase = under(t`Reading`, CASE);
const practice = under(t`Practice`, ["practice"]);
const film = under(t`Film`, FILM);
const films = under(t`Film`, FILMS);
const compare = under(t`Compare`, ["compare"]);
const audit = under(t`Audit`, ["audit"]);

export const KEYS = {
  "everywhere.search": everywhere(t`Search cases, pages and actions`, "", {
    always: ["Mod+k"],
  }),
  "everywhere.keys": everywhere(t`Show these keys`, "?"),

  "list.next": list(t`Next case`, "j", { always: ["ArrowDown"] }),
  "list.previous": list(t`Previous case`, "k", { always: ["ArrowUp"] }),
  "list.page_down": list(t`A page down`, "", { always: ["PageDown"] }),
  "list.page_up": list(t`A page up`, "", { always: ["PageUp"] }),
  "list.first": list(t`First case`, "", { always: ["Home"] }),
  "list.last": list(t`Last case that is loaded`, "", { always: ["End"] }),
  "list.open": list(t`Open the case`, "", { always: ["Enter"] }),
  "list.choose": list(t`Choose the case; with Shift all from the last one chosen`, "x", {
    alsoShift: true,
  }),
  "list.choose_none": list(t`Choose none`, "", { always: ["Escape"] }),
  "list.claim": list(t`Claim the case, or give it back`, "c"),
  "list.filter": list(t`Filter the list`, "/"),

  "answer.authentic": answer(t`Authentic`, "a"),
  "answer.suspicious": answer(t`Suspicious`, "s"),
  "answer.cannot_tell": answer(t`Cannot tell`, "u"),
  "answer.confidence_1": answer(t`Confidence 1`, "1"),
  "answer.confidence_2": answer(t`Confidence 2`, "2"),
  "answer.confidence_3": answer(t`Confidence 3`, "3"),
  "answer.confidence_4": answer(t`Confidence 4`, "4"),
  "answer.confidence_5": answer(t`Confidence 5`, "5"),

  "verdict.confirm": verdict(t`Confirm the flag, or agree that nothing was found`, "c"),
  "verdict.overrule": verdict(t`Overrule the flag, or disagree`, "o"),
  "verdict.inconclusive": verdict(t`Inconclusive`, "i"),
  // Bound by the reasons themselves, whose keys the staff pages set.
  "verdict.change": verdict(t`What changed your mind`, "", {
    always: ["1", "2", "3", "4", "5"],
  }),

  "settle.authentic": settle(t`Authentic`, "a"),
  "settle.suspicious": settle(t`Suspicious`, "s"),
  "settle.inconclusive": settle(t`Inconclusive`, "i"),

  "case.enter": under(t`Reading`, FILM)(t`Seal, file or settle; then the next case`, "", {
    always: ["Enter"],
  }),
  "case.why": under(t`Reading`, FILM)(t`Give a reason`, "y"),
  "case.next": onCase(t`Next case`, "n"),
  "case.compare": onCase(t`Compare with earlier studies`, "p"),
  "case.ask": onCase(t`Ask a colleague`, "g"),
  "case.timeline": onCase(t`Timeline of the case`, "t"),
  "case.next_image": onCase(t`Next image`, "."),
  "case.previous_image": onCase(t`Previous image`, ","),

  "map.synthesis": map(t`Synthesis map on or off`, "h"),
  "map.tamper": map(t`Tamper map on or off`, "j"),
  "map.next": map(t`Next map, then none`, "k"),
  "map.less": map(t`Less shading`, "["),
  "map.more": map(t`More shading`, "]"),

  "practice.next": practice(t`Next film without an answer`, "n"),

  "film.zoom_in": films(t`Zoom in`, "+ ="),
  "film.zoom_out": films(t`Zoom out`, "-"),
  "film.fit": films(t`Fit to view`, "0"),
  "film.one_to_one": film(t`One film pixel per screen pixel`, "9"),
  "film.invert": films(t`Invert greys`, "v"),
  "film.turn": films(t`Turn by 90 degrees`, "Shift+r"),
  "film.flip": films(t`Flip left to right`, "x"),
  "film.reset": films(t`Reset the view`, "r"),
  "film.magnifier": film(t`Magnifier`, "m"),
  "film.move": film(
    t`Move; with Shift: window and level; with a mark tool: move its cross; with a measure selected: move it`,
    "",
    { always: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] },
  ),
  "film.point": film(
    t`With a mark tool: set a point; with a measure selected: its next handle`,
    "",
    { always: [" "] },
  ),
  "film.next_window": film(t`Next window by name`, "6"),
  "film.own_window": film(t`The file's own window, then its next`, "7"),
  "film.auto_window": film(t`Automatic window`, "8"),
  "film.corner_text": film(t`Text in the corners on or off`, "Shift+t"),
  "film.pixel_views": film(t`Pixel views on or off`, "Shift+x"),
  "film.window": films(t`Window and level`, "w"),
  "film.pan": films(t`Move the film`, "d"),
  "film.length": film(t`Measure a length`, "l"),
  "film.angle": film(t`Measure an angle`, "e"),
  "film.ellipse": film(t`Measure an ellipse`, "Shift+e"),
  "film.rectangle": film(t`Measure a rectangle`, "Shift+b"),
  "film.area": film(t`Measure an outline; set by points, the same key closes it`, "Shift+f"),
  "film.arrow": film(t`Arrow with words`, "Shift+l"),
  "film.probe": film(t`Probe a pixel`, "Shift+v"),
  "film.box": film(t`Mark a box`, "b"),
  "film.freehand": film(t`Mark by hand; set by points, the same key closes it`, "f"),
  "film.box_numbers": film(t`Mark a box by numbers`, "q"),
  "film.undo": film(t`Undo the last mark`, "z"),
  "film.delete": film(t`Delete the selected measure`, "", { always: ["Delete", "Backspace"] }),
  "film.measure_numbers": film(t`The selected measure by numbers`, "Shift+q"),
  "film.drop": film(t`Drop the mark under way`, "", { always: ["Escape"] }),
  "film.next_slice": films(t`Next slice`, "", { always: ["PageDown"] }),
  "film.previous_slice": films(t`Previous slice`, "", { always: ["PageUp"] }),
  "film.first_slice": films(t`First slice`, "", { always: ["Home"] }),
  "film.last_slice": films(t`Last slice`, "", { always: ["End"] }),
  "film.cine": film(t`Cine on or off`, "Shift+m"),

  "compare.side": compare(t`Side by side`, "1"),
  "compare.swipe": compare(t`Swipe`, "2"),
  "compare.blink": compare(t`Blink`, "3"),
  "compare.difference": compare(t`Difference`, "4"),
  "compare.other": compare(t`Blink: the other film`, "", { always: [" "] }),
  "compare.move": compare(
    t`Swipe, scroll stacks, or move both films; with Shift: window and level`,
    "",
    { always: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] },
  ),
  "compare.link": compare(t`Scroll both stacks together, or each by itself`, "l"),
  "compare.scrolled": compare(t`Each by itself: scroll the other stack`, "o"),
  "compare.back": compare(t`Back to the case`, "p", { always: ["Escape"] }),

  "audit.next": audit(t`Next entry`, "j", { always: ["ArrowDown"] }),
  "audit.previous": audit(t`Previous entry`, "k", { always: ["ArrowUp"] }),
  "audit.close": audit(t`Close the entry`, "", { always: ["Escape"] }),
} satisfies Record<string, KeyEntry>;

export type KeyId = keyof typeof KEYS;
export const KEY_IDS = Object.keys(KEYS) as KeyId[];

/** What a person changed of it; an empty list: the shortcut is off. */
export interface Keymap {
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** False: keys that are one character do nothing (WCAG 2.1.4). */
  readonly singleKeys: boolean;
}

export const USUAL: Keymap = { keys: {}, singleKeys: true };
const SHIFT = "Shift+";

export function entryOf(id: KeyId): KeyEntry {
  return KEYS[id];
}

/** A letter, digit or sign, with Shift or without; not the space, which presses buttons. */
export function isCharacter(key: string): boolean {
  const plain = key.startsWith(SHIFT) ? key.slice(SHIFT.length) : key;
  return plain.length === 1 && plain !== " ";
}

export function isChangeable(id: KeyId): boolean {
  return entryOf(id).keys.length > 0;
}

/** The keys of a shortcut as this person has them, those that stay last. */
export function keysFor(id: KeyId, { keys, singleKeys }: Keymap): readonly string[] {
  const entry = entryOf(id);
  const own = isChangeable(id) ? (keys[id] ?? entry.keys) : [];
  const all = [...own, ...entry.always];
  return singleKeys ? all : all.filter((key) => !isCharacter(key));
}

/** What else is meant somewhere by `key` where `id` is meant. */
export function collisionsOf(id: KeyId, key: string, keymap: Keymap): KeyId[] {
  const mine = entryOf(id);
  const wanted = claims(mine, [key]);
  return KEY_IDS.filter((other) => {
    if (other === id) return false;
    const entry = entryOf(other);
    if (!entry.at.some((place) => mine.at.includes(place))) return false;
    // Keys that are off now must not collide once they are on again.
    const taken = claims(entry, keysFor(other, { ...keymap, singleKeys: true }));
    return wanted.some((each) => taken.includes(each));
  });
}

function claims(entry: KeyEntry, keys: readonly string[]): string[] {
  return keys.flatMap((key) => (entry.alsoShift ? [key, `${SHIFT}${key}`] : [key]));
}

/** F-keys that no browser takes for itself. */
const FREE_F_KEYS = ["F2", "F4", "F8", "F9", "F10"];

/** The key of an event as it is kept; null: it stays with the browser or the page. */
export function recordedKey(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">,
): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (FREE_F_KEYS.includes(event.key)) return event.key;
  if (!isCharacter(event.key)) return null;
  const lower = event.key.toLowerCase();
  // Of a sign Shift is already a part: Shift and 7 are "/" on some keyboards.
  return event.shiftKey && lower !== event.key.toUpperCase() ? `${SHIFT}${lower}` : lower;
}

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": t`Space`,
  Escape: t`Esc`,
  Delete: t`Del`,
  Backspace: "⌫",
  PageUp: t`PageUp`,
  PageDown: t`PageDown`,
  Home: t`Home`,
  End: t`End`,
  Enter: t`Enter`,
};

/** What is printed on each key that is pressed together. */
export function printKey(key: string): string[] {
  if (key.startsWith("Mod+")) return [t`Ctrl`, ...printKey(key.slice(4))];
  if (key.startsWith(SHIFT)) return [t`Shift`, ...printKey(key.slice(SHIFT.length))];
  return [NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)];
}

/** The first key of a shortcut as a hint prints it, "Shift E"; undefined: it is off. */
export function hintFor(id: KeyId, keymap: Keymap): string | undefined {
  const [key] = keysFor(id, keymap);
  return key === undefined ? undefined : printKey(key).join(" ");
}
