"use client";

import clsx from "clsx";
import { CircleHelp, LogOut, Monitor, Moon, Search, Settings, Sun } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { hasStuckSagas } from "../flows/flow-rate";
import { useLive } from "../trpc/use-live";
import { IconButton } from "../ui/button";
import { formatCompact, initialsOf } from "../ui/formats";
import { Menu, MenuItem, MenuLabel, MenuLink, MenuSeparator } from "../ui/menu";
import { chooseTheme, type Theme, useTheme } from "../ui/theme";
import { Tooltip } from "../ui/tooltip";
import { useCommands } from "./commands";
import { Logo } from "./logo";
import { usePlaces } from "./places";
import { signOut, useMe } from "./session";

/** The left rail: where one can go, and who one is. */
export function Rail() {
  const path = usePathname();
  const dead = useLive((live) => Object.values(live.flows).reduce((sum, flow) => sum + flow.deadLetters, 0));
  const stuck = useLive((live) => Object.values(live.flows).some(hasStuckSagas));
  const places = usePlaces();
  const openPalette = useCommands((state) => state.openPalette);
  return (
    <nav aria-label="Pages" className="flex h-full flex-col items-center gap-1 border-r bg-surface py-2.5 text-muted">
      <Link
        href="/flows"
        aria-label="Millrace: flows"
        className="mb-2 grid size-9 place-items-center rounded-md text-accent"
      >
        <Logo className="size-[22px]" />
      </Link>
      {places.map(({ href, label, icon: Icon, also = [] }) => {
        const here = [href, ...also].some((each) => path === each || path.startsWith(`${each}/`));
        const count = href === "/dead-letters" ? dead : 0;
        const news = count ? `${count} waiting` : href === "/runs" && stuck ? "sagas are stuck" : null;
        return (
          <Tooltip key={href} content={news ? `${label}: ${news}` : label} side="right">
            <Link
              href={href}
              aria-label={news ? `${label}, ${news}` : label}
              aria-current={here ? "page" : undefined}
              className={clsx(
                "relative grid size-9 place-items-center rounded-md transition-colors",
                here ? "bg-accent-soft text-accent" : "hover:bg-hover hover:text-text",
              )}
            >
              <Icon className="size-4" />
              {count ? (
                <span className="absolute -right-1 -top-0.5 min-w-4 rounded-full border-2 border-surface bg-bad px-0.5 text-center text-[10px] font-semibold leading-[13px] text-bad-text">
                  {count > 99 ? formatCompact(count) : count}
                </span>
              ) : news ? (
                <span className="absolute right-0.5 top-0.5 size-2.5 rounded-full border-2 border-surface bg-bad" />
              ) : null}
            </Link>
          </Tooltip>
        );
      })}
      <span className="flex-1" />
      <IconButton label="Search and commands" shortcut="Ctrl K" side="right" className="!size-9" onClick={openPalette}>
        <Search />
      </IconButton>
      <UserMenu />
    </nav>
  );
}

const themes: { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: "system", label: "As the system", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
];

function UserMenu() {
  const me = useMe();
  const theme = useTheme();
  const openKeys = useCommands((state) => state.openKeys);
  return (
    <Menu
      side="right"
      trigger={
        <button
          type="button"
          aria-label={`${me.name}: account and appearance`}
          className="mt-1 grid size-9 place-items-center rounded-md hover:bg-hover"
        >
          <span className="grid size-6 place-items-center rounded-full bg-[#6d28d9] text-[11px] font-semibold leading-none text-[#ffffff]">
            {initialsOf(me.name || me.email)}
          </span>
        </button>
      }
    >
      <div className="px-2 py-1">
        <p className="font-medium">{me.name}</p>
        <p className="text-12 text-muted">{me.email}</p>
        <p className="text-12 text-muted">Role: {me.role}</p>
      </div>
      <MenuSeparator />
      <MenuLabel>Appearance</MenuLabel>
      {themes.map(({ value, label, icon: Icon }) => (
        <MenuItem key={value} icon={<Icon />} onSelect={() => chooseTheme(value)}>
          <span className={theme === value ? "font-medium text-accent" : ""}>{label}</span>
          {theme === value ? <span className="sr-only"> (chosen)</span> : null}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={<CircleHelp />} shortcut="?" onSelect={openKeys}>
        Keyboard
      </MenuItem>
      <MenuLink icon={<Settings />} href="/settings">
        Settings
      </MenuLink>
      <MenuItem icon={<LogOut />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
