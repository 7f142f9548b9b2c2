"use client";

import dynamic from "next/dynamic";
import { type ReactNode, useEffect, useState } from "react";
import type { Me } from "@/server/views";
import { DataProvider } from "../trpc/provider";
import { useLiveSubscription } from "../trpc/use-live";
import { Banners } from "./banners";
import { useCommands } from "./commands";
import { Rail } from "./rail";
import { SessionProvider } from "./session";

const CommandPalette = dynamic(() => import("./command-palette"), { ssr: false });
const KeyboardMap = dynamic(() => import("./keyboard-map").then((module) => module.KeyboardMap), { ssr: false });

/** The frame of every page of someone who is signed in: rail, banners, palette, and the tab's one subscription. */
export function AppShell({ me, children }: { me: Me; children: ReactNode }) {
  return (
    <DataProvider>
      <SessionProvider me={me}>
        <LiveConnection />
        <div className="grid h-dvh grid-cols-[52px_minmax(0,1fr)]">
          <Rail />
          <div className="flex min-h-0 min-w-0 flex-col">
            <Banners />
            <main className="min-h-0 flex-1">{children}</main>
          </div>
        </div>
        <Overlays />
      </SessionProvider>
    </DataProvider>
  );
}

function LiveConnection() {
  useLiveSubscription();
  return null;
}

/** Is the person writing somewhere, so that a letter is a letter? */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Palette and keyboard map: loaded when first asked for. */
function Overlays() {
  const { paletteOpen, keysOpen, openPalette, openKeys, closePalette } = useCommands();
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  useEffect(() => {
    if (paletteOpen) setPalette(true);
    if (keysOpen) setKeys(true);
  }, [paletteOpen, keysOpen]);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        if (useCommands.getState().paletteOpen) closePalette();
        else openPalette();
      } else if (event.key === "?" && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) {
        event.preventDefault();
        openKeys();
      }
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [openPalette, openKeys, closePalette]);
  return (
    <>
      {palette ? <CommandPalette /> : null}
      {keys ? <KeyboardMap /> : null}
    </>
  );
}
