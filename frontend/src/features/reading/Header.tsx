import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ArrowLeft, ArrowRight, EyeOff, History, ListOrdered, Users } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";

import type { CaseDetail } from "@/api/types";
import { Button, IconButton } from "@/ui/Button";
import { Kbd, useAriaKey } from "@/ui/shortcuts";
import { formatAgeSex, formatDate, formatPatientName } from "@/ui/format";

import { CompanyNote } from "./CompanyNote";
import { PauseCue } from "./PauseCue";
import type { Company } from "./usePresence";

interface HeaderProps {
  readonly detail: CaseDetail;
  /** Where the film is compared. */
  readonly compareAt: string;
  readonly company: Company;
  readonly nextId: string | null;
  readonly onNext: () => void;
  readonly onAsk: () => void;
  readonly showsTimeline: boolean;
  readonly onTimeline: () => void;
}

export function Header(props: HeaderProps) {
  const { detail, compareAt, company, nextId, onNext, onAsk, showsTimeline, onTimeline } =
    props;
  const { patient, worklist } = detail;
  const [askKey, compareKey] = [useAriaKey("case.ask"), useAriaKey("case.compare")];
  const titleRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => titleRef.current?.focus({ preventScroll: true }), [detail.id]);
  const blind = worklist.mode === "blind_first";
  const facts = [
    detail.modality,
    detail.manufacturer,
    detail.study_date === null ? "" : formatDate(detail.study_date),
    detail.accession_number,
  ].filter((fact) => fact !== "");
  return (
    <header className="reading-head">
      <Link className="button button-ghost button-small" to={`/worklists/${worklist.slug}`}>
        <ArrowLeft size={15} aria-hidden />
        {worklist.name}
      </Link>
      <h1 ref={titleRef} tabIndex={-1}>
        {formatPatientName(patient.name)}
        <span> {formatAgeSex(patient.age_years, patient.sex)}</span>
      </h1>
      <span className="reading-study truncate">{detail.description}</span>
      <span className="muted reading-facts">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </span>
      <span className="reading-space" />
      <PauseCue slug={worklist.slug} caseId={detail.id} />
      <CompanyNote company={company} />
      {detail.state === "second_read" && detail.verdict === null ? (
        <span className="badge tone-accent">
          <Users size={14} aria-hidden />
          {t`Second read`}
        </span>
      ) : null}
      <span className="badge">
        {blind ? <EyeOff size={14} aria-hidden /> : <ListOrdered size={14} aria-hidden />}
        {blind ? t`Blind first` : t`Triage, informed`}
      </span>
      <IconButton
        label={t`Timeline of the case`}
        keyId="case.timeline"
        small
        aria-pressed={showsTimeline}
        onClick={onTimeline}
      >
        <History size={15} aria-hidden />
      </IconButton>
      <Button small variant="ghost" aria-keyshortcuts={askKey} onClick={onAsk}>
        <span>
          <Trans>
            Ask<span className="visually-hidden"> a colleague</span>
          </Trans>
        </span>
        <Kbd id="case.ask" />
      </Button>
      <Link
        className="button button-ghost button-small"
        to={compareAt}
        aria-keyshortcuts={compareKey}
      >
        {t`Compare`} <Kbd id="case.compare" />
      </Link>
      <Button small variant="ghost" disabled={nextId === null} onClick={onNext}>
        {t`Next`} <Kbd id="case.next" />
        <ArrowRight size={14} aria-hidden />
      </Button>
    </header>
  );
}
