/** Times, counts and sizes in the words of the interface. */
import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";

/** The page's language; days come before months in English too. */
const locale = i18n.locale === "en" ? "en-GB" : i18n.locale;

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const fullDate = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
});
const counts = new Intl.NumberFormat(locale);

/** "18:52", with the day in front when it is not today's. */
export function formatWhen(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return t`unknown`;
  if (at.toDateString() === now.toDateString()) return clock.format(at);
  const day = at.getFullYear() === now.getFullYear() ? dayMonth : fullDate;
  return `${day.format(at)}, ${clock.format(at)}`;
}

export function formatClockSeconds(iso: string): string {
  return clockSeconds.format(new Date(iso));
}

/** "22 Nov 2026, 18:52:07", for places where the exact moment matters. */
export function formatMoment(iso: string): string {
  const at = new Date(iso);
  return `${fullDate.format(at)}, ${clockSeconds.format(at)}`;
}

/** "22 Nov, 18:52:07": a moment of this year in a dense list. */
export function formatDaySeconds(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  const day = at.getFullYear() === now.getFullYear() ? dayMonth : fullDate;
  return `${day.format(at)}, ${clockSeconds.format(at)}`;
}

export function formatDate(iso: string): string {
  return fullDate.format(new Date(iso));
}

/** How long something has waited: "now", "12 min", "3 h 10 min", "2 d 4 h". */
export function formatMinutes(minutes: number): string {
  const whole = Math.max(0, Math.floor(minutes));
  if (whole < 1) return t`now`;
  if (whole < 60) return t`${whole} min`;
  const [days, hours, rest] = [
    Math.floor(whole / 1440),
    Math.floor((whole % 1440) / 60),
    whole % 60,
  ];
  if (days > 0) return hours === 0 ? t`${days} d` : t`${days} d ${hours} h`;
  return rest === 0 ? t`${hours} h` : t`${hours} h ${rest} min`;
}

export function formatSince(iso: string, nowMs: number = Date.now()): string {
  return formatMinutes((nowMs - Date.parse(iso)) / 60_000);
}

/** What is left of a transfer: "8 s", "3 min", "1 h 5 min". */
export function formatRemaining(seconds: number): string {
  if (!Number.isFinite(seconds)) return t`unknown`;
  return seconds < 60 ? t`${Math.max(1, Math.ceil(seconds))} s` : formatMinutes(seconds / 60);
}

export function formatCount(count: number): string {
  return counts.format(count);
}

const fixed = new Map<number, Intl.NumberFormat>();

/** 0.9 as "0.90", or as the language writes it; no thousands are set apart. */
export function formatFixed(value: number, digits: number): string {
  let format = fixed.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: false,
    });
    fixed.set(digits, format);
  }
  return format.format(value);
}

const short = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, useGrouping: false });

/** At most two places behind the point. */
export function formatShort(value: number): string {
  return short.format(value);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = "B";
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 10 ? formatFixed(value, 1) : Math.round(value)} ${unit}`;
}

/** 0.115 as "11.5 %"; whole percents from 10 up when `digits` is 0. */
export function formatPercent(ratio: number, digits = 1): string {
  return `${formatFixed(ratio * 100, digits)} %`;
}

/** DICOM's "DEMO^Anna^B" as "DEMO, Anna B". */
/** Without a full stop at its end, for words that stand inside a sentence of ours. */
export function withoutStop(words: string): string {
  return words.trimEnd().replace(/(?<!\.)\.$/u, "");
}

export function formatPatientName(name: string): string {
  const [family = "", ...given] = name.split("^").map((part) => part.trim());
  const rest = given.filter((part) => part !== "").join(" ");
  if (family === "" && rest === "") return t`No name`;
  return rest === "" ? family : family === "" ? rest : `${family}, ${rest}`;
}

export function formatAgeSex(ageYears: number | null, sex: string): string {
  return [ageYears === null ? "" : String(ageYears), sex].filter(Boolean).join(" ");
}

/** The first eight digits, for a glance; never for comparing. */
export function shortHash(hex: string): string {
  return hex.slice(0, 8);
}
