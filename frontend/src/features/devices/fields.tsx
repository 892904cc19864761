/** The fields that several forms of the registry share. */
import { t } from "@lingui/core/macro";

import type { CertificateFacts } from "@/api/types";
import { formatDate } from "@/ui/format";

export interface Facts {
  readonly name: string;
  readonly manufacturer: string;
  readonly serial_number: string;
  readonly model_name: string;
  readonly ae_title: string;
}

export const NO_FACTS: Facts = {
  name: "",
  manufacturer: "",
  serial_number: "",
  model_name: "",
  ae_title: "",
};

/** The server holds no more (apps/imaging/device_models.py). */
const LENGTHS: Record<keyof Facts, number> = {
  name: 80,
  manufacturer: 64,
  serial_number: 64,
  model_name: 64,
  ae_title: 16,
};

export function areFactsGiven({ name, manufacturer, serial_number }: Facts): boolean {
  return [name, manufacturer, serial_number].every((text) => text.trim() !== "");
}

interface FactFieldsProps {
  readonly facts: Facts;
  readonly onChange: (facts: Facts) => void;
}

export function FactFields({ facts, onChange }: FactFieldsProps) {
  const field = (name: keyof Facts, label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        value={facts[name]}
        maxLength={LENGTHS[name]}
        autoComplete="off"
        onChange={(event) => onChange({ ...facts, [name]: event.target.value })}
      />
    </label>
  );
  return (
    <fieldset className="device-fields">
      <legend>{t`As its films name it: a signed film that names another is a finding.`}</legend>
      {field("name", t`Name in this registry`)}
      {field("manufacturer", t`Manufacturer (0008,0070)`)}
      {field("serial_number", t`Device serial number (0018,1000)`)}
      {field("model_name", t`Model (optional)`)}
      {field("ae_title", t`AE title (optional)`)}
    </fieldset>
  );
}

/** Days, as "2026-11-24"; empty: as long as the certificate itself. */
export interface Span {
  readonly from: string;
  readonly until: string;
}

const LAST_SECOND_MS = 86_399_000;

export const WHOLE_SPAN: Span = { from: "", until: "" };

/** The span as the server takes it: whole days in UTC, within the certificate's own. */
export function spanBody(span: Span, { starts_at, ends_at }: CertificateFacts) {
  // A date alone is read as midnight in UTC.
  const from = Date.parse(span.from);
  const until = Date.parse(span.until) + LAST_SECOND_MS;
  return {
    valid_from:
      Number.isNaN(from) || from <= Date.parse(starts_at) ? null : new Date(from).toISOString(),
    valid_until:
      Number.isNaN(until) || until >= Date.parse(ends_at)
        ? null
        : new Date(until).toISOString(),
  };
}

interface SpanFieldsProps {
  readonly span: Span;
  readonly facts: CertificateFacts | undefined;
  readonly onChange: (span: Span) => void;
}

export function SpanFields({ span, facts, onChange }: SpanFieldsProps) {
  const whole =
    facts === undefined
      ? t`Left empty: as long as the certificate is valid.`
      : t`Left empty: as long as the certificate is valid, ${formatDate(facts.starts_at)} to ${formatDate(facts.ends_at)}.`;
  const field = (name: keyof Span, label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        type="date"
        className="input"
        value={span[name]}
        min={facts?.starts_at.slice(0, 10)}
        max={facts?.ends_at.slice(0, 10)}
        onChange={(event) => onChange({ ...span, [name]: event.target.value })}
      />
    </label>
  );
  return (
    <details className="device-span">
      <summary>{t`Trust it for a part of its validity only`}</summary>
      <div className="device-fields">
        {field("from", t`From`)}
        {field("until", t`Until, that day included`)}
      </div>
      <p className="muted">{whole}</p>
    </details>
  );
}
