import { expect, it } from "vitest";

import { readMetrics } from "./metrics";

it("puts the well-known numbers of a card up front and the rest in tables", () => {
  const { headline, tables } = readMetrics({
    left_out: { auc: 0.93, views: 5116, per_family: { gan: { auc: 0.9207 } } },
    left_out_caught: 0.4438,
  });
  expect(headline).toEqual([
    { label: "left out, AUC", value: "0.930" },
    { label: "left out caught", value: "0.444" },
  ]);
  expect(tables).toEqual([
    {
      title: "left out",
      rows: [
        { label: "AUC", value: "0.930" },
        { label: "views", value: "5116" },
        { label: "per family, gan, AUC", value: "0.921" },
      ],
    },
  ]);
});
