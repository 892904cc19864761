import { t } from "@lingui/core/macro";
import { Trash2 } from "lucide-react";

import type { RegionIn } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Kbd } from "@/ui/shortcuts";
import { describeRegion } from "@/viewer";

interface RegionListProps {
  readonly regions: readonly RegionIn[];
  readonly imageNames: ReadonlyMap<string, string>;
  readonly onDrop: ((index: number) => void) | null;
  readonly onActive: (index: number | null) => void;
  readonly onShow: (region: RegionIn) => void;
}

export function RegionList({ regions, imageNames, onDrop, onActive, onShow }: RegionListProps) {
  return (
    <div className="regions">
      <div className="step-label">
        {t`Regions`}{" "}
        {onDrop ? (
          <span className="muted">
            {t`box`} <Kbd id="film.box" /> {t`by hand`} <Kbd id="film.freehand" />{" "}
            {t`by numbers`} <Kbd id="film.box_numbers" />
          </span>
        ) : null}
      </div>
      {regions.length === 0 ? null : (
        <ol>
          {regions.map((region, i) => (
            <li
              key={`${i}-${region.points.join()}`}
              onMouseEnter={() => onActive(i)}
              onMouseLeave={() => onActive(null)}
            >
              <button
                type="button"
                className="region-name"
                onClick={() => onShow(region)}
                onFocus={() => onActive(i)}
                onBlur={() => onActive(null)}
              >
                <b>{i + 1}</b>
                <span>
                  {imageNames.size > 1 ? `${imageNames.get(region.image_id) ?? ""}: ` : ""}
                  {describeRegion(region)}
                </span>
              </button>
              {onDrop ? (
                <IconButton label={t`Delete region ${i + 1}`} small onClick={() => onDrop(i)}>
                  <Trash2 size={14} aria-hidden />
                </IconButton>
              ) : null}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
