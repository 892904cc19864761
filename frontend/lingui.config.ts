import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

export default defineConfig({
  sourceLocale: "en",
  // The words of the source language are in the code: it needs no catalogue.
  locales: ["de"],
  catalogs: [
    {
      path: "<rootDir>/src/locales/{locale}",
      include: ["<rootDir>/src"],
      exclude: ["**/*.test.*", "**/test/**"],
    },
  ],
  // A moved line is no change to a translation.
  format: formatter({ lineNumbers: false }),
  orderBy: "message",
  runtimeConfigModule: {
    Trans: ["@/i18n/Trans", "Trans"],
  },
});
