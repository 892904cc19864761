import { createBrowserRouter } from "react-router";

import { Shell } from "./Shell";

/** Each page is its own chunk: a reader who never audits never downloads the audit page. */
export function createRouter() {
  return createBrowserRouter([
    {
      element: <Shell />,
      children: [
        {
          path: "cases/:id",
          lazy: async () => ({ Component: (await import("@/features/reading")).default }),
        },
      ],
    },
  ]);
}
