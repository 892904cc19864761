import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";

import { CaseError } from "./CaseError";

function show(error: Error) {
  const onRetry = vi.fn();
  render(
    <MemoryRouter>
      <CaseError error={error} onRetry={onRetry} />
    </MemoryRouter>,
  );
  return onRetry;
}

it("a case that is not there offers the worklist, not another try", () => {
  show(new ApiError(404, "not_found", "There is no such case."));
  expect(screen.getByRole("heading", { name: "There is no such case" })).toBeVisible();
  expect(screen.getByRole("link")).toHaveAttribute("href", "/worklists");
  expect(screen.queryByRole("button")).toBeNull();
});

it("a server that failed is worth another try", () => {
  const onRetry = show(new ApiError(500, "http_500", "The server failed."));
  expect(screen.getByRole("alert")).toHaveTextContent("The server failed.");
  screen.getByRole("button", { name: "Try again" }).click();
  expect(onRetry).toHaveBeenCalledOnce();
});
