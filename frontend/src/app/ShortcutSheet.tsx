import { t } from "@lingui/core/macro";
import { Dialog } from "@/ui/Dialog";
import { keysOf, useBoundShortcuts } from "@/ui/shortcuts";

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": t`Space`,
  Escape: t`Esc`,
  Delete: t`Del`,
  Backspace: "⌫",
  PageUp: t`PageUp`,
  PageDown: t`PageDown`,
  Home: t`Home`,
  End: t`End`,
};

function printKey(key: string): string[] {
  if (key.startsWith("Mod+")) return [t`Ctrl`, ...printKey(key.slice(4))];
  if (key.startsWith("Shift+")) return [t`Shift`, ...printKey(key.slice(6))];
  return [NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)];
}

/** Every key that works on this page, printed from what is bound. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const scopes = useBoundShortcuts();
  return (
    <Dialog title={t`Keys on this page`} onClose={onClose}>
      <div
        className="dialog-body key-sheet"
        role="region"
        aria-label={t`List of keys`}
        tabIndex={0}
      >
        {scopes.map((scope) => (
          <section key={scope.id.toString() + scope.name}>
            <h3>{scope.name}</h3>
            <dl>
              {scope.shortcuts.map((shortcut) => (
                <div key={shortcut.label}>
                  <dt>{shortcut.label}</dt>
                  <dd>
                    {keysOf(shortcut).map((key) => (
                      <span key={key}>
                        {printKey(key).map((part) => (
                          <kbd key={part}>{part}</kbd>
                        ))}
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
