/** Calls to /api/v1 with the session cookie; every refusal becomes one typed ApiError. */
import { t } from "@lingui/core/macro";

import { refusalWords } from "./refusals";

const BASE = "/api/v1";

/** A call that was refused, or that never reached the server (status 0, code "unreachable"). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The server asked to be left alone for so long; 0 where it did not say. */
  readonly retryAfterMs: number;

  constructor(status: number, code: string, detail: string, retryAfterMs = 0) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}

type QueryValue = string | number | boolean | null | undefined;

export interface CallOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON, unless it is FormData. */
  body?: unknown;
  /** Empty strings, null and undefined are left out. */
  query?: Record<string, QueryValue>;
  signal?: AbortSignal;
  /** The page may be gone before the answer comes. */
  keepalive?: boolean;
}

/** The value of the CSRF cookie, read each time because signing in changes it. */
export function readCsrfToken(cookies: string = document.cookie): string {
  const match = /(?:^|;\s*)csrftoken=([^;]*)/.exec(cookies);
  return match?.[1] === undefined ? "" : decodeURIComponent(match[1]);
}

export function apiUrl(path: string, query: Record<string, QueryValue> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return BASE + path + (text === "" ? "" : `?${text}`);
}

/** The ApiError for an answer's status and body, whatever the body turns out to be. */
export function errorFromBody(status: number, body: string, retryAfterMs = 0): ApiError {
  try {
    const problem = JSON.parse(body) as { code?: unknown; detail?: unknown; title?: unknown };
    const code = typeof problem.code === "string" ? problem.code : `http_${status}`;
    const words = [problem.detail, problem.title].find(
      (text): text is string => typeof text === "string" && text !== "",
    );
    return new ApiError(
      status,
      code,
      refusalWords(code, words ?? describeStatus(status)),
      retryAfterMs,
    );
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
    return new ApiError(status, `http_${status}`, describeStatus(status), retryAfterMs);
  }
}

function describeStatus(status: number): string {
  if (status === 401) return t`You are signed out.`;
  if (status === 403) return t`You may not do this.`;
  if (status === 404) return t`There is nothing here, or you may not see it.`;
  if (status === 413) return t`The file is larger than this site accepts.`;
  if (status === 429) return t`Too many requests. Wait a moment and try again.`;
  return t`The server answered ${status} and gave no reason.`;
}

/** Seconds alone are read: a date would be held against a clock that may be wrong. */
function retryAfterMsOf(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

/** Whether the same question will be refused again, however long one waits. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status >= 400 && error.status < 500 && ![408, 429].includes(error.status);
}

const MAX_KEEPALIVE_BYTES = 60_000;

async function send(path: string, options: CallOptions): Promise<Response> {
  const method = options.method ?? "GET";
  const headers = new Headers({ Accept: "application/json" });
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (method !== "GET") headers.set("X-CSRFToken", readCsrfToken());
  if (options.body instanceof FormData) {
    init.body = options.body;
  } else if (options.body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.body = JSON.stringify(options.body);
  }
  if (options.signal) init.signal = options.signal;
  // Browsers refuse larger ones outright (Fetch standard, 64 KiB for all under way).
  if (options.keepalive === true) {
    init.keepalive = new Blob([init.body as string]).size <= MAX_KEEPALIVE_BYTES;
  }
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (!(error instanceof TypeError)) throw error;
    throw new ApiError(0, "unreachable", t`The server cannot be reached.`);
  }
  if (!response.ok) {
    const body = await response.text();
    throw errorFromBody(response.status, body, retryAfterMsOf(response.headers));
  }
  return response;
}

/** The JSON answer of `path` (below /api/v1); null where the server answers 204. */
export async function api<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await send(path, options);
  if (response.status === 204) return null as Answer;
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ApiError(response.status, "not_json", t`The server's answer cannot be read.`);
  }
}

/** The bytes of `path` (below /api/v1). */
export async function apiBytes(path: string, options: CallOptions = {}): Promise<ArrayBuffer> {
  const response = await send(path, options);
  return response.arrayBuffer();
}

/** Whether asking again may help: yes for an unreachable or failing server, no for a refusal. */
export function mayRetry(failureCount: number, error: unknown): boolean {
  if (failureCount >= 2) return false;
  if (error instanceof ApiError) return error.status === 0 || error.status >= 500;
  return false;
}
