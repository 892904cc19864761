/** Which image and frame of the case is on the film, and what lies beside it. */
import { useCallback, useEffect, useMemo, useState } from "react";

import type { CaseDetail, RegionIn } from "@/api/types";
import { stackHeads, stackOf, type FramePlace } from "@/imaging";
import { films } from "@/imaging/cornerstone";

import { imageNames } from "./names";
import { cornerFacts } from "./stacks";

export function useFilmPlace(detail: CaseDetail) {
  const [{ imageId, frame }, setPlace] = useState<FramePlace>({
    imageId: detail.images[0]?.id ?? "",
    frame: 0,
  });
  const names = useMemo(() => imageNames(detail), [detail]);
  const stack = useMemo(() => stackOf(detail, imageId), [detail, imageId]);
  const heads = useMemo(() => stackHeads(detail), [detail]);
  const facts = useMemo(() => cornerFacts(detail), [detail]);
  const head = stack[0]?.imageId ?? imageId;

  // The other views of the study, while the reader looks at the first. Of a stack the viewer
  // itself fetches what lies around the slice shown.
  useEffect(() => {
    if (stack.length === 1) {
      films.prefetchAround(heads.map(({ id }) => ({ imageId: id, frame: 0 })));
    }
  }, [heads, stack.length]);

  const showImage = useCallback(
    (id: string, at = 0) => setPlace({ imageId: id, frame: at }),
    [],
  );
  const showRegion = useCallback(
    (region: RegionIn) => showImage(region.image_id, region.frame),
    [showImage],
  );
  const onStep = useMemo(() => {
    if (heads.length < 2) return null;
    return (by: number) => {
      const image = heads[heads.findIndex(({ id }) => id === head) + by];
      if (image) showImage(image.id);
    };
  }, [heads, head, showImage]);

  return {
    imageId,
    frame,
    setPlace,
    names,
    stack,
    heads,
    head,
    facts,
    showImage,
    showRegion,
    onStep,
  };
}

export type FilmAt = ReturnType<typeof useFilmPlace>;
