"use client";

import { useEffect } from "react";
import type { LiveView } from "@/server/views";
import { useTRPCClient } from "./context";
import { leaveWhenSignedOut } from "./leave";
import { type LiveState, liveStore, mergeLive } from "./live-store";
import { tabId } from "./tab-id";

/** Reads what is live; draws anew only when the selected part changes. `useLive((live) => live.flows[name])` */
export function useLive<Part>(select: (live: LiveState) => Part): Part {
  return liveStore(select);
}

/** The live view of one flow; undefined while it was never deployed or nothing is known yet. */
export function useLiveFlow(name: string): LiveView | undefined {
  return liveStore((live) => live.flows[name]);
}

/** Opens the tab's one subscription. Mounted once, in the shell. */
export function useLiveSubscription(): void {
  const client = useTRPCClient();
  useEffect(() => {
    const subscription = client.live.events.subscribe(
      { tab: tabId },
      {
        onData: ({ data }) => liveStore.setState((state) => mergeLive(state, data)),
        onConnectionStateChange: ({ state }) => {
          if (state === "pending") liveStore.setState({ connection: "open" });
          if (state === "connecting") {
            liveStore.setState((live) => ({ connection: live.connection === "connecting" ? "connecting" : "lost" }));
          }
        },
        onError: (error) => {
          liveStore.setState({ connection: "lost" });
          // Another role: the page is drawn anew with what it may show.
          if (error.data?.problem?.code === "role-changed") location.reload();
          else leaveWhenSignedOut(error);
        },
      },
    );
    return () => subscription.unsubscribe();
  }, [client]);
}
