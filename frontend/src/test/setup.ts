import "@testing-library/jest-dom/vitest";

import { i18n } from "@lingui/core";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(() => {
  cleanup();
});

// As on every page, the language is settled before a module with words is loaded.
i18n.loadAndActivate({ locale: "en", messages: {} });

class NoResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

// jsdom draws nothing: give it the parts of the platform that components ask for. Tests that
// run without a page ("@vitest-environment node") need none of it.
if (typeof window !== "undefined") {
  globalThis.ResizeObserver ??= NoResizeObserver as unknown as typeof ResizeObserver;
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
  Element.prototype.scrollIntoView ??= function scrollIntoView() {};
  globalThis.matchMedia ??= (media: string) =>
    ({
      matches: false,
      media,
      addEventListener() {},
      removeEventListener() {},
    }) as unknown as MediaQueryList;
}
