import "@fontsource-variable/inter/wght.css";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/layout.css";
import "./ui/controls.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { readLanguage, startLanguage } from "./i18n/language";
import { applyTheme, readTheme } from "./ui/theme";

applyTheme(readTheme());

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

await startLanguage(readLanguage());
// Loaded only now: modules translate their words as they are read.
const { App } = await import("./app/App");

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
