import { t } from "@lingui/core/macro";
import { Check, Keyboard, LogOut, Monitor, Moon, Search, Sun } from "lucide-react";
import { DropdownMenu } from "radix-ui";

import { useConnection } from "@/api/connection";
import { useMe } from "@/api/session";
import { IconButton } from "@/ui/Button";
import { useIsOffline } from "@/ui/useIsOffline";
import { Bell } from "./Bell";
import { LanguageChoice } from "./LanguageChoice";
import { signOut } from "./signOut";
import { chooseTheme, type Theme, useTheme } from "@/ui/theme";

const CONNECTION = {
  live: { text: t`Live`, tone: "tone-green" },
  connecting: { text: t`Connecting`, tone: "tone-grey" },
  waiting: { text: t`Reconnecting`, tone: "tone-amber" },
  offline: { text: t`Offline`, tone: "tone-amber" },
} as const;

const THEMES: { theme: Theme; label: string; icon: typeof Moon }[] = [
  { theme: "dark", label: t`Dark`, icon: Moon },
  { theme: "light", label: t`Light`, icon: Sun },
  { theme: "system", label: t`As the system`, icon: Monitor },
];

const ROLES: Record<string, string> = {
  radiologist: t`Radiologist`,
  lead: t`Department lead`,
  ml: t`ML engineer`,
  admin: t`Administrator`,
  integration: t`Integration`,
};

interface TopBarProps {
  onSearch: () => void;
  onShortcuts: () => void;
}

export function TopBar({ onSearch, onShortcuts }: TopBarProps) {
  const me = useMe();
  const socket = useConnection();
  // A socket may take minutes to notice what the browser knows at once.
  const connection = CONNECTION[useIsOffline() ? "offline" : socket];
  return (
    <header className="topbar">
      <span className="topbar-site truncate">{me.site?.name ?? t`No site`}</span>
      <button type="button" className="topbar-search" onClick={onSearch}>
        <Search size={14} aria-hidden />
        <span className="truncate">{t`Search cases, pages, actions`}</span>
        <kbd>{t`Ctrl K`}</kbd>
      </button>
      <span className="badge topbar-connection" role="status">
        <span className={`dot ${connection.tone}`} aria-hidden />
        <span className="topbar-words">{connection.text}</span>
      </span>
      <IconButton label={t`Keyboard shortcuts`} shortcut="?" onClick={onShortcuts}>
        <Keyboard size={17} strokeWidth={1.75} aria-hidden />
      </IconButton>
      <Bell />
      <UserMenu />
    </header>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => word?.[0] ?? "")
    .join("")
    .toUpperCase();
}

function UserMenu() {
  const me = useMe();
  const theme = useTheme();
  return (
    // Not modal: the modal kind writes a <style> element, which the CSP forbids.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="avatar"
        aria-label={t`${initials(me.display_name)}: account of ${me.display_name}`}
      >
        {initials(me.display_name)}
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
        <div className="menu-who">
          <strong>{me.display_name}</strong>
          <span>
            {ROLES[me.role] ?? me.role}, {me.username}
          </span>
        </div>
        <DropdownMenu.Separator className="menu-line" />
        <DropdownMenu.Label className="menu-label">{t`Appearance`}</DropdownMenu.Label>
        <DropdownMenu.RadioGroup
          value={theme}
          onValueChange={(value) => chooseTheme(value as Theme)}
        >
          {THEMES.map(({ theme: each, label, icon: Icon }) => (
            <DropdownMenu.RadioItem
              key={each}
              value={each}
              className="menu-item"
              onSelect={(event) => event.preventDefault()}
            >
              <Icon size={15} aria-hidden />
              {label}
              {theme === each ? <Check size={15} className="menu-check" aria-hidden /> : null}
            </DropdownMenu.RadioItem>
          ))}
        </DropdownMenu.RadioGroup>
        <LanguageChoice />
        <DropdownMenu.Separator className="menu-line" />
        <DropdownMenu.Item className="menu-item" onSelect={() => void signOut()}>
          <LogOut size={15} aria-hidden />
          {t`Sign out`}
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
