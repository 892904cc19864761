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

import { entryOf, hintFor, isCharacter, type KeyId, type Keymap, keysFor, USUAL } from "./keys";

interface Deed {
  /** Return false to let the key through to the browser. */
  run: (event: KeyboardEvent) => void | false;
  /** Also works while the reader types in a field. */
  whileTyping?: boolean;
}

/** Its keys and words are those of `KEYS`, where a person may have changed them. */
interface NamedShortcut extends Deed {
  id: KeyId;
  /** What it does just now, where that is more than its words in `KEYS`. */
  label?: string;
}

/** Its keys are set elsewhere, as those of the reasons on the staff pages. */
interface GivenShortcut extends Deed {
  /** As in KeyboardEvent.key; several mean "any of": ["j", "ArrowDown"]. "Mod+k" = Ctrl or Cmd;
   * "Shift+e" goes before a plain "e" of any scope. */
  keys: string | readonly string[];
  label: string;
}

export type Shortcut = NamedShortcut | GivenShortcut;

/** What a shortcut is with a person's own keys in it. */
export function keysOf(shortcut: Shortcut, keymap: Keymap): readonly string[] {
  if ("id" in shortcut) return keysFor(shortcut.id, keymap);
  const keys = typeof shortcut.keys === "string" ? [shortcut.keys] : shortcut.keys;
  return keymap.singleKeys ? keys : keys.filter((key) => !isCharacter(key));
}

export function labelOf(shortcut: Shortcut): string {
  return "id" in shortcut ? (shortcut.label ?? entryOf(shortcut.id).label) : shortcut.label;
}

interface Scope {
  id: symbol;
  name: string;
  shortcuts: readonly Shortcut[];
}

/** Holds the bound shortcuts; the scope bound last wins a shared key. */
export class ShortcutRegistry {
  #scopes: readonly Scope[] = [];
  /** What this person made of the usual keys. */
  #keymap: Keymap = USUAL;
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

  apply(keymap: Keymap): void {
    this.#keymap = keymap;
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const typing = isTyping(event.target);
    const bound = [...this.#scopes]
      .reverse()
      .flatMap((scope) => scope.shortcuts)
      .filter((shortcut) => !typing || shortcut.whileTyping === true);
    const find = (isMeant: (key: string, event: KeyboardEvent) => boolean) =>
      bound.find((each) => keysOf(each, this.#keymap).some((key) => isMeant(key, event)));
    const found = find(matchesShifted) ?? find(matches);
    if (found === undefined) return;
    // A held Enter would answer what its first press has only just brought onto the page.
    const isHeldEnter = event.repeat && event.key === "Enter";
    if (isHeldEnter || found.run(event) !== false) event.preventDefault();
  }
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

const KeymapContext = createContext<Keymap>(USUAL);

/** Everything below works with a person's own keys, and shows those, from its first paint. */
export function KeymapProvider({ keymap, children }: { keymap: Keymap; children: ReactNode }) {
  const registry = useRegistry();
  useLayoutEffect(() => {
    registry.apply(keymap);
    return () => registry.apply(USUAL);
  }, [registry, keymap]);
  return <KeymapContext value={keymap}>{children}</KeymapContext>;
}

export function useKeymap(): Keymap {
  return use(KeymapContext);
}

export function useHint(id: KeyId): string | undefined {
  return hintFor(id, useKeymap());
}

/** The same as `aria-keyshortcuts` says it. */
export function useAriaKey(id: KeyId): string | undefined {
  return useHint(id)?.replaceAll(" ", "+");
}

/** The key that does what the button around it does; nothing where it is off. */
export function Kbd({ id, className }: { id: KeyId; className?: string }) {
  const hint = useHint(id);
  return hint === undefined ? null : (
    <kbd aria-hidden className={className}>
      {hint}
    </kbd>
  );
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
