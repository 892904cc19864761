/** Windows a reader can ask for by name. Pure. */
import { t } from "@lingui/core/macro";
import {
  initialVoi,
  isMadeUp,
  NO_WINDOW_LABEL,
  percentileWindow,
  usableWindows,
  type Film,
  type VoiFunction,
  type Window,
} from "@/imaging";

export interface Preset {
  readonly id: string;
  readonly label: string;
  readonly window: Window;
  readonly voi: VoiFunction;
}

/** Common settings for computed tomography, in Hounsfield units; departments differ a little. */
const CT_WINDOWS: readonly (readonly [label: string, width: number, center: number])[] = [
  [t`Lung`, 1500, -600],
  [t`Mediastinum`, 400, 40],
  [t`Abdomen`, 350, 50],
  [t`Liver`, 150, 60],
  [t`Bone`, 2000, 500],
  [t`Brain`, 80, 40],
  [t`Subdural`, 215, 75],
  [t`Stroke`, 40, 40],
  [t`Angiography`, 600, 300],
];

/** Return the window that shows every value of the film. */
export function fullRangeWindow(film: Film): Window {
  const { slope, intercept } = film.meta;
  const ends = [slope * film.min + intercept, slope * film.max + intercept];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  // SPEC PS3.3 C.11.2.1.2.1: a LINEAR window of width w spans w - 1 values.
  return { center: (low + high + 1) / 2, width: Math.max(1, high - low + 1) };
}

const MADE_UP = "made-up";

function ownPresets(film: Film): Preset[] {
  const labels = film.meta.windows.map((known) => known.label);
  const voi = initialVoi(film.meta);
  return usableWindows(film.meta).map((window, i) => {
    // That is not the file's, and of a stack not even this slice's range.
    if (isMadeUp(film.meta, window)) {
      return { id: MADE_UP, label: NO_WINDOW_LABEL, window, voi };
    }
    const label = (labels[i] ?? "").trim();
    const plain = i === 0 ? t`The file's window` : t`The file's window ${i + 1}`;
    return { id: `own-${i}`, label: label === "" ? plain : t`File: ${label}`, window, voi };
  });
}

/** Return the windows that make sense for this film; none for colour. */
export function presetsFor(film: Film): readonly Preset[] {
  const { modality, value_unit: unit } = film.meta.display;
  if (film.meta.samples === 3) return [];
  const named =
    modality === "CT" && unit === "HU"
      ? CT_WINDOWS.map(([label, width, center]): Preset => ({
          id: label.toLowerCase(),
          label,
          window: { center, width },
          voi: "LINEAR",
        }))
      : [];
  const own = ownPresets(film);
  const full = fullRangeWindow(film);
  const isListed = own.some(
    ({ id, window }) =>
      id === MADE_UP && window.center === full.center && window.width === full.width,
  );
  return [
    ...own,
    { id: "auto", label: t`Automatic`, window: percentileWindow(film), voi: "LINEAR" },
    ...(isListed
      ? []
      : [{ id: "full", label: t`Full range`, window: full, voi: "LINEAR" } as const]),
    ...named,
  ];
}

/** Return the preset that is on now, or null after a drag. */
export function currentPreset(
  presets: readonly Preset[],
  look: { readonly window: Window; readonly voi: VoiFunction } | null,
): Preset | null {
  if (look === null) return null;
  const { window, voi } = look;
  return (
    presets.find(
      (preset) =>
        preset.voi === voi &&
        preset.window.center === window.center &&
        preset.window.width === window.width,
    ) ?? null
  );
}
