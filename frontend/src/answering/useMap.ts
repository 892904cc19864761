/** Which lane is drawn on the film, and its map. Off until asked for. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import { api } from "@/api/client";
import type { CaseEvidence, HeatmapOut, LaneEvidence, LaneName } from "@/api/types";
import { laneLabel } from "@/ui/lanes";
import {
  decodeHeatmap,
  hasNoLocation,
  type Heatmap,
  type HeatmapView,
  type Highlight,
} from "@/viewer";

import { mapForKey, orderLanes } from "./words";

const FIRST_OPACITY = 0.4;

function decoded(out: Parameters<typeof decodeHeatmap>[0] | undefined): {
  map: Heatmap | null;
  error: Error | null;
} {
  if (out === undefined) return { map: null, error: null };
  try {
    return { map: decodeHeatmap(out), error: null };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { map: null, error };
  }
}

function highlightsOf(lane: LaneEvidence | undefined): Highlight[] {
  if (lane === undefined) return [];
  // The sentence stands in the rail; over the film it would hide what it is about.
  return lane.findings.flatMap((finding) =>
    finding.region === null ? [] : [{ ...finding.region, label: laneLabel(lane.lane) }],
  );
}

/** As the lane says; where it does not say, as its map shows. */
function isGlobal(lane: LaneEvidence | undefined, map: Heatmap): boolean {
  if (lane?.status !== "finding") return false;
  const said = lane.findings.map((finding) => finding.detail["location"]);
  if (said.includes("global")) return true;
  return !said.includes("local") && hasNoLocation(map);
}

/** Where a lane's map of an image is, and under which key it is kept. */
export type MapSource = (
  imageId: string,
  lane: LaneName,
) => { readonly key: readonly string[]; readonly path: string };

export function useMap(
  sourceOf: MapSource,
  imageId: string,
  evidence: Pick<CaseEvidence, "images"> | undefined,
) {
  const [shown, setShown] = useState<LaneName | null>(null);
  const [opacity, setOpacity] = useState(FIRST_OPACITY);
  const lanes = useMemo(
    () => orderLanes(evidence?.images.find((image) => image.image_id === imageId)?.lanes ?? []),
    [evidence, imageId],
  );
  const lane = lanes.find((known) => known.lane === shown);
  const { key, path } = sourceOf(imageId, shown ?? "synthesis");
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api<HeatmapOut>(path, { signal }),
    staleTime: Infinity,
    enabled: lane?.has_heatmap ?? false,
  });
  const wanted = lane?.has_heatmap === true;
  const { map, error } = useMemo(
    () => decoded(wanted ? query.data : undefined),
    [wanted, query.data],
  );
  const view = useMemo<HeatmapView | null>(
    () =>
      map && shown
        ? {
            map,
            name: t`${laneLabel(shown)} map`,
            isGlobal: isGlobal(lane, map),
            opacity,
            onOpacity: setOpacity,
          }
        : null,
    [map, shown, lane, opacity],
  );
  const onMapKey = useCallback(
    (key: "h" | "j" | "k") => setShown((current) => mapForKey(key, lanes, current)),
    [lanes],
  );
  const onOpacity = useCallback(
    (step: number) =>
      setOpacity((current) => Math.round(Math.min(1, Math.max(0, current + step)) * 20) / 20),
    [],
  );
  return {
    shown,
    setShown,
    view,
    highlights: useMemo(() => highlightsOf(lane), [lane]),
    hasMaps: lanes.some((known) => known.has_heatmap),
    problem: wanted ? (error ?? query.error) : null,
    onMapKey,
    onOpacity,
  };
}

export type MapAt = ReturnType<typeof useMap>;
