import { useEffect } from "react";
import { useShallow } from "zustand/react/shallow";
import type { PresentTab } from "@/server/views";
import { useMe } from "../shell/session";
import { useTRPCClient } from "../trpc/context";
import { liveStore } from "../trpc/live-store";
import { tabId } from "../trpc/tab-id";
import { useLive } from "../trpc/use-live";
import type { Autosave } from "./autosave";
import { type DesignerStore, inspectedNode } from "./store";

const pauseMs = 120;

/** Another tab on this flow: somebody else's, or one's own. */
export interface Companion {
  tab: string;
  name: string;
  initials: string;
  /** `Grace Hopper`, or `You, in another tab`. */
  words: string;
  node: string | null;
  /** One of the colours of people, 1 to 6. */
  color: number;
}

/** The other tabs that have a flow open. */
export function useCompanions(flow: string): Companion[] {
  const me = useMe();
  const present = useLive(useShallow((live) => live.present.filter((tab) => tab.flow === flow && tab.tab !== tabId)));
  return present.map((tab) => readCompanion(tab, me.id));
}

/** The other tabs that have this node chosen. */
export function useChoosers(flow: string, node: string, me: string): Companion[] {
  const present = useLive((live) => choosersOf(live.present, flow, node));
  return present.map((tab) => readCompanion(tab, me));
}

const noTabs: readonly PresentTab[] = [];
const choosers = new WeakMap<readonly PresentTab[], Map<string, readonly PresentTab[]>>();

/** Every node of a drawing asks: the tabs are put in order once for each list. */
function choosersOf(present: readonly PresentTab[], flow: string, node: string): readonly PresentTab[] {
  let known = choosers.get(present);
  if (!known) {
    known = new Map();
    for (const tab of present) {
      if (tab.flow === null || tab.node === null || tab.tab === tabId) continue;
      const place = `${tab.flow}/${tab.node}`;
      known.set(place, [...(known.get(place) ?? []), tab]);
    }
    choosers.set(present, known);
  }
  return known.size === 0 ? noTabs : (known.get(`${flow}/${node}`) ?? noTabs);
}

export function readCompanion(tab: PresentTab, me: string): Companion {
  const own = tab.user === me;
  return {
    tab: tab.tab,
    name: own ? "You" : tab.name,
    initials: initialsOf(tab.name),
    words: own ? "You, in another tab" : tab.name,
    node: tab.node,
    color: colorOf(own ? tab.tab : tab.user),
  };
}

const colors = 6;

/** The same person has the same colour everywhere. */
function colorOf(id: string): number {
  let sum = 0;
  for (const sign of id) sum = (sum * 31 + sign.codePointAt(0)!) % 9973;
  return (sum % colors) + 1;
}

function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)![0]! : "")).toUpperCase();
}

/** Says where this tab is, and brings in what others save; also after the stream was away for a while. */
export function useCompany(store: DesignerStore, flow: string, autosave: () => Autosave | null): void {
  const client = useTRPCClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let told = "";
    const tell = () => {
      const node = inspectedNode(store.getState());
      told = `${node}`;
      client.live.here.mutate({ tab: tabId, flow, node }).catch(() => {
        // Nobody is there to be told; the next time the stream opens it is said again.
      });
    };
    tell();
    const chosen = store.subscribe((state, before) => {
      if (state.nodes === before.nodes) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (`${inspectedNode(store.getState())}` !== told) tell();
      }, pauseMs);
    });
    const heard = liveStore.subscribe((live, before) => {
      if (live.connection === "open" && before.connection !== "open") {
        tell();
        if (before.connection === "lost") void autosave()?.pull("Somebody else");
      }
      const draft = live.drafts[flow];
      if (!draft || draft === before.drafts[flow] || draft.tab === tabId) return;
      if (draft.revision > store.getState().revision) void autosave()?.pull(draft.by);
    });
    return () => {
      clearTimeout(timer);
      chosen();
      heard();
      client.live.here.mutate({ tab: tabId, flow: null, node: null }).catch(() => {});
    };
  }, [store, client, flow, autosave]);
}
