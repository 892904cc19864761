import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const features = [
  "worklist",
  "reading",
  "practice",
  "compare",
  "upload",
  "quarantine",
  "audit",
  "insights",
  "learning",
];

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
    files: ["src/test/**", "**/*.test.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-empty-function": "off",
      "import/no-restricted-paths": "off",
    },
  },
);
