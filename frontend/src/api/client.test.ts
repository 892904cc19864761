import { afterEach, describe, expect, it, vi } from "vitest";

import { api, ApiError, apiUrl, errorFromBody, mayRetry, readCsrfToken } from "./client";

function answerWith(body: string, init: ResponseInit = {}) {
  const fetchMock = vi
    .fn<typeof fetch>()
    .mockImplementation(() => Promise.resolve(new Response(body, init)));
  vi.stubGlobal("fetch", fetchMock);
  return fetchMock;
}

afterEach(() => vi.unstubAllGlobals());

describe("a call", () => {
  it("sends the CSRF token with everything but reads", async () => {
    document.cookie = "csrftoken=s3cret%3D";
    const fetchMock = answerWith("{}");
    await api("/cases/c-1/claim", { method: "POST" });
    await api("/me");
    const [posted, read] = fetchMock.mock.calls.map(([, init]) => new Headers(init?.headers));
    expect(posted?.get("X-CSRFToken")).toBe("s3cret=");
    expect(read?.has("X-CSRFToken")).toBe(false);
  });

  it("sends JSON as JSON and leaves the type of a form to the browser", async () => {
    const fetchMock = answerWith("{}");
    await api("/uploads", { method: "POST", body: { worklist: "blind" } });
    await api("/studies", { method: "POST", body: new FormData() });
    const [json, form] = fetchMock.mock.calls.map(([, init]) => new Headers(init?.headers));
    expect(json?.get("Content-Type")).toBe("application/json");
    expect(form?.has("Content-Type")).toBe(false);
  });

  it("turns problem+json into one typed error", async () => {
    answerWith('{"status":409,"code":"claimed_by_other","detail":"Ravi has it."}', {
      status: 409,
    });
    await expect(api("/cases/c-1/claim", { method: "POST" })).rejects.toMatchObject({
      name: "ApiError",
      status: 409,
      code: "claimed_by_other",
      detail: "Ravi has it.",
    });
  });

  it("answers null to 204", async () => {
    vi.stubGlobal("fetch", vi.fn().mockResolvedValue(new Response(null, { status: 204 })));
    await expect(api("/cases/c-1/next")).resolves.toBeNull();
  });

  it("says that the server cannot be reached when it cannot", async () => {
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("Failed to fetch")));
    await expect(api("/me")).rejects.toMatchObject({ status: 0, code: "unreachable" });
  });

  it("lets an abort through as an abort", async () => {
    const abort = new DOMException("gone", "AbortError");
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(abort));
    await expect(api("/me")).rejects.toBe(abort);
  });

  it("refuses an answer that is not JSON", async () => {
    answerWith("<!doctype html>");
    await expect(api("/me")).rejects.toMatchObject({ code: "not_json" });
  });
});

describe("an error body", () => {
  it.each([
    ["", 500, "http_500"],
    ["<h1>Bad gateway</h1>", 502, "http_502"],
    ["null", 403, "http_403"],
    ['{"detail":7}', 422, "http_422"],
  ])("that reads %j still gives words", (body, status, code) => {
    const error = errorFromBody(status, body);
    expect(error.code).toBe(code);
    expect(error.detail).not.toBe("");
  });
});

describe("addresses and cookies", () => {
  it("leaves empty filters out of the query and escapes the rest", () => {
    expect(apiUrl("/x", { q: "a&b", state: "", cursor: null, limit: 0 })).toBe(
      "/api/v1/x?q=a%26b&limit=0",
    );
  });

  it("finds the token among other cookies", () => {
    expect(readCsrfToken("xcsrftoken=no; a=b; csrftoken=yes")).toBe("yes");
    expect(readCsrfToken("a=b")).toBe("");
  });
});

describe("retrying", () => {
  it("never asks again after a refusal, twice after a failure", () => {
    expect(mayRetry(0, new ApiError(403, "seal_first", ""))).toBe(false);
    expect(mayRetry(0, new ApiError(404, "not_found", ""))).toBe(false);
    expect(mayRetry(1, new ApiError(503, "http_503", ""))).toBe(true);
    expect(mayRetry(0, new ApiError(0, "unreachable", ""))).toBe(true);
    expect(mayRetry(2, new ApiError(503, "http_503", ""))).toBe(false);
    expect(mayRetry(0, new Error("a bug"))).toBe(false);
  });
});
