import { i18n } from "@lingui/core";
import { TransNoContext, type TransProps } from "@lingui/react/server";

/**
 * What the `Trans` macro becomes (lingui.config.ts). It reads the one language of the page
 * instead of a context, since that never changes while the page lives.
 */
export function Trans(props: TransProps) {
  return <TransNoContext {...props} lingui={{ i18n }} />;
}
