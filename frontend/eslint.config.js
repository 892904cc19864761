import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import jsxA11y from "eslint-plugin-jsx-a11y";
import lingui from "eslint-plugin-lingui";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const features = [
  "worklist",
  "reading",
  "practice",
  "keys",
  "compare",
  "upload",
  "quarantine",
  "audit",
  "insights",
  "learning",
  "devices",
];

/** What no reader sees: keys, addresses, looks. */
const silentNames = [
  "keys",
  "always",
  "hint",
  "aria-keyshortcuts",
  "name",
  "type",
  "style",
  "className",
  "clip",
  "d",
  "font",
  "strokeStyle",
  "strokeLinecap",
  "strokeLinejoin",
  { regex: { pattern: "^data-" } },
  { regex: { pattern: "^[A-Z_]+_(KEY|URL|ID|FILES)$" } },
];

/** Names in code are one word in small letters or constants in capitals; the rest is no word. */
const silentStrings = [
  "^(?![A-Z])\\S+$",
  "^[A-Z_0-9]+$",
  "^( ?· )?Truefilm$",
  "^Esc$",
  "^Shift[ +].?$",
  "^ ?/ s$",
  "^[MLHVhv ]+$",
  "^linear-gradient",
  "\\.db$",
];

/** What these are given is for the program. */
const silentFunctions = [
  "Error",
  "TypeError",
  "DOMException",
  "matchMedia",
  "*.closest",
  "*.includes",
  "*.startsWith",
  "*.digest",
  "*.getContext",
  "*.querySelector",
  "*.querySelectorAll",
  "*.setRequestHeader",
  "*.set",
  "Headers",
];

/** Folders that show nothing. */
const unspoken = ["src/i18n/**", "src/geometry/**", "src/imaging/**"];

/** Which folder may not import which: imports point one way, features never at each other. */
const borders = [
  { target: "./src/geometry", from: "./src", except: ["./geometry"] },
  { target: "./src/api", from: "./src", except: ["./api"] },
  { target: "./src/imaging", from: "./src", except: ["./imaging", "./geometry", "./api"] },
  { target: "./src/ui", from: "./src", except: ["./ui"] },
  {
    target: "./src/viewer",
    from: "./src",
    except: ["./viewer", "./imaging", "./geometry", "./ui", "./api"],
  },
  { target: "./src/answering", from: ["./src/app", "./src/features"] },
  ...features.map((feature) => ({
    target: `./src/features/${feature}`,
    from: "./src/features",
    except: [`./${feature}`],
  })),
  { target: "./src/features", from: "./src/app" },
];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat.recommended,
  {
    files: ["**/*.{ts,tsx,js}"],
    plugins: { import: importX },
    languageOptions: { globals: { ...globals.browser } },
    settings: {
      // Without these the plugin reads no TypeScript file, and finds no cycle.
      ...importX.flatConfigs.typescript.settings,
      "import-x/parsers": { "@typescript-eslint/parser": [".ts", ".tsx"] },
      "import-x/resolver-next": [createTypeScriptImportResolver({ project: "tsconfig.json" })],
    },
    rules: {
      "import/no-cycle": "error",
      "import/no-restricted-paths": ["error", { zones: borders }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "max-lines": ["error", { max: 400, skipBlankLines: false, skipComments: false }],
      // What scrolls must be reachable by keyboard (WCAG 2.1.1).
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: ["pre"], roles: ["region"] }],
      "no-console": "error",
      eqeqeq: ["error", "always"],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/test/**", "src/**/*.test.{ts,tsx}", "src/**/testRows.ts", ...unspoken],
    plugins: { lingui },
    rules: {
      "lingui/no-unlocalized-strings": [
        "error",
        {
          ignore: silentStrings,
          ignoreNames: silentNames,
          ignoreFunctions: silentFunctions,
        },
      ],
      "lingui/no-trans-inside-trans": "error",
      "lingui/no-single-variables-to-translate": "error",
      "lingui/consistent-plural-format": ["error", { style: "hash" }],
    },
  },
  {
    files: ["src/test/**", "**/*.test.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-empty-function": "off",
      "import/no-restricted-paths": "off",
    },
  },
);
