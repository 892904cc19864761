/** One registry of keyboard shortcuts: what is bound is also what the `?` sheet prints. */
import {
  createContext,
  use,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from "react";
import type { ReactNode } from "react";

export interface Shortcut {
  /** As in KeyboardEvent.key; several mean "any of": ["j", "ArrowDown"]. "Mod+k" = Ctrl or Cmd;
   * "Shift+e" goes before a plain "e" of any scope. */
  keys: string | readonly string[];
  label: string;
  /** Return false to let the key through to the browser. */
  run: (event: KeyboardEvent) => void | false;
  /** Also works while the reader types in a field. */
  whileTyping?: boolean;
}

interface Scope {
  id: symbol;
  name: string;
  shortcuts: readonly Shortcut[];
}

/** Holds the bound shortcuts; the scope bound last wins a shared key. */
export class ShortcutRegistry {
  #scopes: readonly Scope[] = [];
  #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly list = (): readonly Scope[] => this.#scopes;

  /** Add or replace a scope. */
  set(id: symbol, name: string, shortcuts: readonly Shortcut[]): void {
    const known = this.#scopes.some((scope) => scope.id === id);
    const next = { id, name, shortcuts };
    this.#scopes = known
      ? this.#scopes.map((scope) => (scope.id === id ? next : scope))
      : [...this.#scopes, next];
    for (const listener of this.#listeners) listener();
  }

  remove(id: symbol): void {
    this.#scopes = this.#scopes.filter((scope) => scope.id !== id);
    for (const listener of this.#listeners) listener();
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const typing = isTyping(event.target);
    const bound = [...this.#scopes]
      .reverse()
      .flatMap((scope) => scope.shortcuts)
      .filter((shortcut) => !typing || shortcut.whileTyping === true);
    const found =
      bound.find((shortcut) => keysOf(shortcut).some((key) => matchesShifted(key, event))) ??
      bound.find((shortcut) => keysOf(shortcut).some((key) => matches(key, event)));
    if (found === undefined) return;
    // A held Enter would answer what its first press has only just brought onto the page.
    const isHeldEnter = event.repeat && event.key === "Enter";
    if (isHeldEnter || found.run(event) !== false) event.preventDefault();
  }
}

export function keysOf(shortcut: Shortcut): readonly string[] {
  return typeof shortcut.keys === "string" ? [shortcut.keys] : shortcut.keys;
}

function matches(key: string, event: KeyboardEvent): boolean {
  const withMod = key.startsWith("Mod+");
  const plain = withMod ? key.slice(4) : key;
  if (withMod !== (event.ctrlKey || event.metaKey) || event.altKey) return false;
  // Enter and Space on a focused button or link belong to that control.
  if ((plain === "Enter" || plain === " ") && isControl(event.target)) return false;
  return plain.length === 1
    ? event.key.toLowerCase() === plain.toLowerCase()
    : event.key === plain;
}

const SHIFT = "Shift+";

function matchesShifted(key: string, event: KeyboardEvent): boolean {
  return key.startsWith(SHIFT) && event.shiftKey && matches(key.slice(SHIFT.length), event);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("button, a[href], summary, [role=menuitem], [role=option]") !== null
  );
}

const RegistryContext = createContext<ShortcutRegistry | null>(null);

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const registry = useMemo(() => new ShortcutRegistry(), []);
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => registry.handle(event);
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [registry]);
  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

function useRegistry(): ShortcutRegistry {
  const registry = use(RegistryContext);
  if (registry === null) throw new Error("useShortcuts needs a ShortcutProvider above it");
  return registry;
}

/**
 * Bind shortcuts while the component is mounted; `scope` is their heading on the `?` sheet.
 *
 * Layout effects, since a page that came by navigation has its passive effects run after it is
 * painted: a key pressed between the two would be lost, or act on the page before.
 */
export function useShortcuts(scope: string, shortcuts: readonly Shortcut[]): void {
  const registry = useRegistry();
  const idRef = useRef<symbol | null>(null);
  useLayoutEffect(() => {
    idRef.current ??= Symbol(scope);
    registry.set(idRef.current, scope, shortcuts);
  }, [registry, scope, shortcuts]);
  useLayoutEffect(
    () => () => {
      if (idRef.current !== null) registry.remove(idRef.current);
      idRef.current = null;
    },
    [registry],
  );
}

/** Everything bound now, for the `?` sheet. */
export function useBoundShortcuts(): readonly Scope[] {
  const registry = useRegistry();
  return useSyncExternalStore(registry.subscribe, registry.list);
}
