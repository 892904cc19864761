/** One case: film, your read, evidence, verdict. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { evidenceQuery, reasonCodesQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { CaseDetail, ReasonCode, RegionIn } from "@/api/types";
import type { FramePlace } from "@/imaging";
import { films } from "@/imaging/cornerstone";
import { ErrorState, SkeletonRows } from "@/ui/states";
import { tell } from "@/ui/toast";
import { FilmViewer } from "@/viewer";

import { Adjudication } from "./Adjudication";
import { Answers } from "./Answers";
import { CaseEnd } from "./CaseEnd";
import { Evidence } from "./Evidence";
import { Header } from "./Header";
import { ImageStrip } from "./ImageStrip";
import { changesToAsk, phaseOf, sealProblem, verdictProblem } from "./machine";
import { filmLabel, imageNames } from "./names";
import { cornerFacts, stackHeads, stackOf } from "./stacks";
import { Steps } from "./Steps";
import { useDrafts } from "./useDrafts";
import { useMap } from "./useMap";
import { useClaim, useFile, useNextCase, useSeal, useSealWords } from "./useRead";
import { useReadingKeys } from "./useReadingKeys";
import { useAmend } from "./useRulings";
import { Verdict } from "./Verdict";
import { YourRead } from "./YourRead";

const NO_CODES: readonly ReasonCode[] = [];

export function Reading({ detail }: { detail: CaseDetail }) {
  const navigate = useNavigate();
  const phase = phaseOf(detail);
  const informed = detail.worklist.mode === "triage";
  const names = useMemo(() => imageNames(detail), [detail]);
  const [{ imageId, frame }, setPlace] = useState<FramePlace>({
    imageId: detail.images[0]?.id ?? "",
    frame: 0,
  });
  const stack = useMemo(() => stackOf(detail, imageId), [detail, imageId]);
  const heads = useMemo(() => stackHeads(detail), [detail]);
  const head = stack[0]?.imageId ?? imageId;
  const facts = useMemo(() => cornerFacts(detail), [detail]);
  const [activeRegion, setActiveRegion] = useState<number | null>(null);
  const railRef = useRef<HTMLElement>(null);

  const me = useMe();
  const [amendReason, setAmendReason] = useState<string | null>(null);
  const [settling, setSettling] = useState(false);
  const settles =
    may(me, "adjudicate") &&
    detail.first_read === null &&
    (detail.state === "adjudication" || settling);
  const { drafts, dispatch, kept } = useDrafts(detail);
  const codes = useQuery(reasonCodesQuery).data ?? NO_CODES;
  // Never asked for before the seal on a blind worklist: the server would refuse anyway.
  const mayAsk = phase !== "read" || settling || (informed && detail.state !== "analysing");
  const evidence = useQuery({ ...evidenceQuery(detail.id), enabled: mayAsk });
  const next = useNextCase(detail.id);
  const nextId = next.data?.case_id ?? null;
  const claimProblem = useClaim(detail);
  const seal = useSeal(detail.id);
  const file = useFile(detail, nextId);
  const amend = useAmend(detail, detail.verdict?.flagged ?? false);
  const sealWords = useSealWords(seal.data, detail);
  const map = useMap(detail.id, imageId, evidence.data);

  const step = phase === "verdict" ? "verdict" : "read";
  const given = phase === "verdict" ? detail.verdict : detail.first_read;
  const regions = useMemo<readonly RegionIn[]>(
    () =>
      phase === "done"
        ? [...(detail.first_read?.regions ?? []), ...(detail.verdict?.regions ?? [])]
        : drafts[step].regions,
    [phase, drafts, step, detail.first_read, detail.verdict],
  );
  const here = useMemo(() => regions.filter((r) => r.image_id === imageId), [regions, imageId]);

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
  const showSection = useCallback((name: string, focus: string) => {
    const section = railRef.current?.querySelector(`[data-section="${name}"]`);
    section?.scrollIntoView({ block: "start" });
    const target = section?.querySelector<HTMLElement>(focus);
    target?.focus({ preventScroll: true });
  }, []);

  // An adjudicator answers below: no key may seal a read that is not on the page.
  const canSeal = phase === "read" && !settles && sealProblem(drafts.read, detail) === null;
  const first = detail.first_read;
  const canFile =
    phase === "verdict" &&
    first !== null &&
    evidence.data !== undefined &&
    verdictProblem(drafts.verdict, first.answer, evidence.data.flagged) === null;

  const onSeal = useCallback(() => {
    if (!canSeal || seal.isPending) return;
    seal.mutate(drafts, { onSuccess: () => railRef.current?.scrollTo({ top: 0 }) });
  }, [canSeal, seal, drafts]);
  const onFile = useCallback(() => {
    if (canFile && evidence.data && !file.isPending) {
      file.mutate({ drafts, evidence: evidence.data });
    }
  }, [canFile, evidence.data, file, drafts]);
  const onAmend = () => {
    if (amendReason === null || amend.isPending) return;
    amend.mutate(
      { draft: drafts.verdict, reason: amendReason },
      { onSuccess: () => setAmendReason(null) },
    );
  };
  const onNext = useCallback(() => {
    if (nextId === null) tell("No other open case in this worklist.");
    else void navigate(`/cases/${nextId}`);
  }, [navigate, nextId]);

  // The evidence is new on the page: take the reader there.
  const wasRead = useRef(phase === "read");
  useEffect(() => {
    if (wasRead.current && phase === "verdict") {
      railRef.current?.querySelector<HTMLElement>("[data-sealed]")?.focus();
    }
    wasRead.current = phase === "read";
  }, [phase]);

  const decision = phase === "verdict" ? drafts.verdict.decision : null;
  const { setShown, onMapKey, onOpacity, hasMaps } = map;
  useReadingKeys(
    useMemo(
      () => ({
        phase: settles ? "done" : phase,
        flagged: evidence.data?.flagged ?? null,
        hasMaps,
        dispatch,
        onDecision: () => showSection("verdict", "input"),
        onWhy:
          phase === "done"
            ? null
            : settles
              ? () => railRef.current?.querySelector<HTMLElement>("[data-why]")?.focus()
              : () => showSection(step, "[data-why]"),
        changes: changesToAsk(codes, first, decision, evidence.data?.flagged ?? null),
        onEnter: phase === "read" ? onSeal : phase === "verdict" ? onFile : onNext,
        onMapKey,
        onOpacity,
        onNext,
        onImage:
          heads.length < 2
            ? null
            : (by: number) => {
                const image = heads[heads.findIndex(({ id }) => id === head) + by];
                if (image) showImage(image.id);
              },
      }),
      [
        phase,
        settles,
        evidence.data?.flagged,
        hasMaps,
        codes,
        first,
        decision,
        step,
        dispatch,
        showSection,
        onSeal,
        onFile,
        onNext,
        onMapKey,
        onOpacity,
        heads,
        head,
        showImage,
      ],
    ),
  );

  const addRegion = useCallback(
    (region: RegionIn) => dispatch({ type: "add-region", step, region }),
    [dispatch, step],
  );
  const undoRegion = useCallback(() => {
    const last = regions.map((r) => r.image_id).lastIndexOf(imageId);
    if (last >= 0) dispatch({ type: "drop-region", step, index: last });
  }, [dispatch, step, regions, imageId]);

  const stepProps = {
    detail,
    codes,
    imageNames: names,
    dispatch,
    onActiveRegion: setActiveRegion,
    onShowRegion: (region: RegionIn) => showImage(region.image_id, region.frame),
    kept,
  };
  const activeHere =
    activeRegion === null ? null : here.indexOf(regions[activeRegion] as RegionIn);
  const evidencePart = mayAsk ? (
    evidence.data ? (
      <Evidence
        evidence={evidence.data}
        imageId={imageId}
        shownMap={map.shown}
        onMap={setShown}
      />
    ) : evidence.error ? (
      <ErrorState
        title="The evidence could not be loaded"
        error={evidence.error}
        onRetry={() => void evidence.refetch()}
      />
    ) : (
      <SkeletonRows label="Loading the evidence" count={8} />
    )
  ) : null;

  return (
    <div className="reading">
      <Header detail={detail} claimProblem={claimProblem} nextId={nextId} onNext={onNext} />
      <div className="reading-film">
        {heads.length > 1 ? (
          <ImageStrip images={heads} shown={head} onShow={showImage} />
        ) : null}
        {imageId === "" ? (
          <p className="step">This case holds no image.</p>
        ) : (
          <FilmViewer
            imageId={imageId}
            label={filmLabel(detail.description, names.get(imageId) ?? "")}
            frame={frame}
            stack={stack}
            onPlace={setPlace}
            facts={facts}
            regions={here}
            activeRegion={activeHere}
            onAddRegion={phase === "done" || settles ? null : addRegion}
            onUndoRegion={undoRegion}
            highlights={map.highlights}
            heatmap={map.view}
            // They hold no opinion of a lane, but a read is blind only without such aids.
            allowsForensic={phase !== "read" || informed}
          />
        )}
      </div>
      <aside className="read-rail" aria-label="Reading" ref={railRef}>
        {settles ? null : (
          <Steps
            phase={phase}
            informed={informed}
            onGo={(name) => showSection(name, "[data-none]")}
          />
        )}
        {map.problem ? (
          <p role="alert" className="step-error step">
            The map could not be shown. {map.problem.message}
          </p>
        ) : null}
        {settles ? (
          <Adjudication
            detail={detail}
            codes={codes}
            isOpen={settling}
            onOpen={() => setSettling(true)}
          />
        ) : null}
        {phase === "read" && !settles ? (
          <div data-section="read">
            <YourRead
              {...stepProps}
              draft={drafts.read}
              onSeal={onSeal}
              busy={seal.isPending}
              error={seal.error}
            />
          </div>
        ) : null}
        {first ? (
          <div className="step sealed" data-section="read">
            <p data-sealed tabIndex={-1} className="sealed-words">
              {sealWords}
            </p>
            <Answers
              first={first}
              verdict={detail.verdict}
              flagged={evidence.data?.flagged ?? null}
              codes={codes}
            />
          </div>
        ) : null}
        <CaseEnd
          detail={detail}
          onAmend={
            phase === "done" && amendReason === null
              ? () => {
                  if (detail.verdict) dispatch({ type: "amend", verdict: detail.verdict });
                  setAmendReason("");
                }
              : null
          }
        />
        <div data-section="evidence">{evidencePart}</div>
        {phase === "verdict" && first && evidence.data ? (
          <div data-section="verdict">
            <Verdict
              {...stepProps}
              draft={drafts.verdict}
              first={first}
              evidence={evidence.data}
              hasNext={nextId !== null}
              onFile={onFile}
              busy={file.isPending}
              error={file.error}
            />
          </div>
        ) : null}
        {amendReason !== null && first && evidence.data && detail.verdict ? (
          <div data-section="verdict">
            <Verdict
              {...stepProps}
              draft={drafts.verdict}
              first={first}
              evidence={{ ...evidence.data, flagged: detail.verdict.flagged }}
              hasNext={false}
              onFile={onAmend}
              busy={amend.isPending}
              error={amend.error}
              amending={{
                reason: amendReason,
                onReason: setAmendReason,
                onCancel: () => setAmendReason(null),
              }}
            />
          </div>
        ) : null}
        {given && phase === "done" && nextId === null ? (
          <p className="step muted">No other open case in this worklist.</p>
        ) : null}
      </aside>
    </div>
  );
}
