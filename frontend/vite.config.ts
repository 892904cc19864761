import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";

import { messages } from "./dev/messages.ts";
import { mockBackend } from "./dev/mock.ts";

const backend = process.env["TRUEFILM_DEV_BACKEND"] ?? "http://127.0.0.1:8000";

/** The paths that Django answers while Vite serves the page. */
function djangoProxy(): Record<string, ProxyOptions> {
  const paths = ["/api", "/login", "/logout", "/language", "/admin", "/static"];
  const proxy: Record<string, ProxyOptions> = {
    "/ws": { target: backend.replace(/^http/, "ws"), ws: true },
  };
  for (const path of paths) proxy[path] = { target: backend };
  return proxy;
}

export default defineConfig(({ command, mode }) => ({
  base: command === "build" ? "/static/app/" : "/",
  plugins: [...messages(), react(), ...(mode === "mock" ? [mockBackend()] : [])],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    ...(mode === "mock" ? {} : { proxy: djangoProxy() }),
  },
  build: {
    // The content security policy allows no data: addresses for scripts and fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2500,
    rolldownOptions: {
      output: {
        // Django's own pages name this one, so its name is the same after every build.
        assetFileNames: ({ names }) =>
          names.includes("inter-latin-wght-normal.woff2")
            ? "assets/inter-latin[extname]"
            : "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: { format: "es" },
}));
