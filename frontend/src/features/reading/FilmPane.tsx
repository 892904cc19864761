/** The film with the images of the study beside it. */
import { t } from "@lingui/core/macro";
import { useMemo } from "react";

import type { MapAt } from "@/answering/useMap";
import type { CaseDetail } from "@/api/types";
import { FilmViewer } from "@/viewer";

import { ImageStrip } from "./ImageStrip";
import { filmLabel } from "./names";
import { allowsPixelViews } from "./phases";
import { flaggedHeads, flaggedIn } from "./stacks";
import type { AnswersAt } from "./useAnswers";
import type { CasePhase } from "./useCasePhase";
import type { FilmAt } from "./useFilmPlace";

interface FilmPaneProps {
  readonly detail: CaseDetail;
  readonly at: CasePhase;
  readonly film: FilmAt;
  readonly answers: AnswersAt;
  readonly map: MapAt;
  readonly activeRegion: number | null;
}

export function FilmPane({ detail, at, film, answers, map, activeRegion }: FilmPaneProps) {
  const { imageId } = film;
  const here = answers.regions.filter((region) => region.image_id === imageId);
  const active = activeRegion === null ? undefined : answers.regions[activeRegion];
  // Only who may see the evidence has any.
  const flagged = useMemo(() => {
    const images = at.evidence.data?.images ?? [];
    return new Set(images.filter((image) => image.flagged).map((image) => image.image_id));
  }, [at.evidence.data]);
  return (
    <div className="reading-film">
      {film.heads.length > 1 ? (
        <ImageStrip
          images={film.heads}
          shown={film.head}
          flagged={flaggedHeads(detail, flagged)}
          onShow={film.showImage}
        />
      ) : null}
      {imageId === "" ? (
        <p className="step">{t`This case holds no image.`}</p>
      ) : (
        <FilmViewer
          imageId={imageId}
          label={filmLabel(detail.description, film.names.get(imageId) ?? "")}
          frame={film.frame}
          stack={film.stack}
          flagged={flaggedIn(film.stack, flagged)}
          onPlace={film.setPlace}
          facts={film.facts}
          regions={here}
          activeRegion={active === undefined ? null : here.indexOf(active)}
          onAddRegion={answers.onAddRegion}
          onUndoRegion={() => answers.undoRegionOf(imageId)}
          highlights={map.highlights}
          heatmap={map.view}
          allowsForensic={allowsPixelViews(at.phase, at.informed)}
        />
      )}
    </div>
  );
}
