import { t } from "@lingui/core/macro";
import { OctagonAlert } from "lucide-react";

import { apiUrl } from "@/api/client";
import type { ImageRef } from "@/api/types";

import { imageName } from "./names";

interface ImageStripProps {
  readonly images: readonly ImageRef[];
  readonly shown: string;
  /** Of these the system flags the image or a slice; empty until the evidence may be seen. */
  readonly flagged: ReadonlySet<string>;
  readonly onShow: (imageId: string) => void;
}

export function ImageStrip({ images, shown, flagged, onShow }: ImageStripProps) {
  return (
    <nav className="strip" aria-label={t`Images of this study`}>
      {images.map((image, i) => (
        <button
          key={image.id}
          type="button"
          aria-current={image.id === shown ? "true" : undefined}
          onClick={() => onShow(image.id)}
        >
          <img
            src={apiUrl(`/images/${image.id}/preview`, { size: 128 })}
            alt=""
            width={72}
            height={72}
            loading="lazy"
          />
          <span className="truncate">{imageName(image, i)}</span>
          {flagged.has(image.id) ? (
            <span className="strip-flag tone-amber">
              <OctagonAlert size={12} aria-hidden /> {t`Flagged`}
            </span>
          ) : null}
        </button>
      ))}
    </nav>
  );
}
