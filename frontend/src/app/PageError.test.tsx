import { render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { PageError } from "./PageError";

function fail(error: Error) {
  const lazy = () => Promise.reject(error);
  const router = createMemoryRouter([
    { path: "/", errorElement: <PageError />, children: [{ index: true, lazy }] },
  ]);
  render(<RouterProvider router={router} />);
}

// React Router tells the console of every error.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

it.each([
  "Failed to fetch dynamically imported module: http://host/static/app/assets/A-1.js",
  "error loading dynamically imported module: http://host/static/app/assets/A-1.js",
  "Importing a module script failed.",
])("says in plain words that a part was not fetched: %s", async (message) => {
  fail(new TypeError(message));
  expect(await screen.findByText(/A part of it could not be fetched/)).toBeVisible();
  expect(screen.queryByText(/module/)).toBeNull();
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
});

it("says what else went wrong as it is", async () => {
  fail(new TypeError("x is undefined"));
  expect(await screen.findByText("x is undefined")).toBeVisible();
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(
    "This page stopped working",
  );
});
