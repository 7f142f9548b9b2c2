"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import type { Me } from "@/server/views";
import { DataProvider } from "../trpc/provider";
import { useLiveSubscription } from "../trpc/use-live";
import { Banners } from "./banners";
import { useCommands } from "./commands";
import { isTyping, matchesKeys } from "./keys";
import { Rail } from "./rail";
import { SessionProvider } from "./session";
import { shellCommands } from "./shell-commands";

const CommandPalette = dynamic(() => import("./command-palette"), { ssr: false });
const FindEverywhere = dynamic(() => import("./find-everywhere").then((module) => module.FindEverywhere), {
  ssr: false,
});
const KeyboardMap = dynamic(() => import("./keyboard-map").then((module) => module.KeyboardMap), { ssr: false });

/** The frame of every page of someone who is signed in: rail, banners, palette, and the tab's one subscription. */
export function AppShell({ me, children }: { me: Me; children: ReactNode }) {
  return (
    <DataProvider>
      <SessionProvider me={me}>
        <LiveConnection />
        <a
          href="#content"
          className="sr-only focus:not-sr-only focus:fixed focus:left-2 focus:top-2 focus:z-50 focus:rounded-md focus:border focus:bg-surface focus:px-3 focus:py-1.5 focus:shadow-float"
        >
          Skip to the content
        </a>
        <div className="grid h-dvh grid-cols-[52px_minmax(0,1fr)]">
          <Rail />
          <div className="flex min-h-0 min-w-0 flex-col">
            <Banners />
            <main className="min-h-0 flex-1">
              {/* Not the whole: a click on a drawing would give it the focus, and the keys with it. */}
              <span id="content" tabIndex={-1} className="sr-only" />
              {children}
            </main>
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

/** Palette, keyboard map, search: loaded when first asked for. */
function Overlays() {
  const open = useCommands((state) => state.open);
  const router = useRouter();
  const [loaded, setLoaded] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (open) setLoaded((before) => (before.has(open) ? before : new Set([...before, open])));
  }, [open]);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented) return;
      const command = shellCommands.find(
        ({ keys, whileTyping }) =>
          keys?.some((each) => matchesKeys(event, each)) && (whileTyping || !isTyping(event.target)),
      );
      if (!command) return;
      event.preventDefault();
      command.run(router);
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [router]);
  return (
    <>
      {loaded.has("palette") ? <CommandPalette /> : null}
      {loaded.has("keys") ? <KeyboardMap /> : null}
      {loaded.has("find") ? <FindEverywhere /> : null}
    </>
  );
}
