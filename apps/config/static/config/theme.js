/* Before the first paint: dark unless the reader chose otherwise, as frontend/src/ui/theme.ts. */
(() => {
  const chosen = localStorage.getItem("truefilm.theme");
  const isSystemLight = matchMedia("(prefers-color-scheme: light)").matches;
  const isLight = chosen === "light" || (chosen === "system" && isSystemLight);
  document.documentElement.dataset.theme = isLight ? "light" : "dark";
})();
