import "server-only";
import type { LiveEvent, Me, PresentTab } from "./views";

/** A tab that reconnects is the same one: so long its place is kept. */
const graceMs = 2_000;
/** Far more than people who look at once; beyond it the oldest are not shown. */
const maxTabs = 500;

interface Tab extends PresentTab {
  watchers: number;
  leaving?: NodeJS.Timeout;
}

/** Who has which flow open, and drafts as they are saved: told to every open tab at once. In memory: a tab says where it is, and is gone with its stream. */
export class Companions {
  readonly #tabs = new Map<string, Tab>();
  readonly #listeners = new Set<(event: LiveEvent) => void>();

  /** Where a tab is; without a flow it is on another page. A tab of somebody else cannot be moved. */
  move(me: Pick<Me, "id" | "name">, at: { tab: string; flow: string | null; node: string | null }): void {
    const known = this.#tabs.get(at.tab);
    if (known && known.user !== me.id) return;
    const tab: Tab = { watchers: 0, ...known, ...at, user: me.id, name: me.name };
    this.#tabs.set(at.tab, tab);
    if (tab.watchers === 0) this.#leaveSoon(tab);
    if (this.#tabs.size > maxTabs) this.#tabs.delete(this.#tabs.keys().next().value!);
    this.#tellPresence();
  }

  /** A draft was saved. */
  announce(draft: { flow: string; revision: number; by: string; tab: string | null }): void {
    this.#tell({ type: "draft", ...draft });
  }

  /** Events for one tab, until its signal ends; the tab is there as long. */
  async *watch(me: Pick<Me, "id">, id: string | undefined, signal: AbortSignal): AsyncGenerator<LiveEvent> {
    let waiting: LiveEvent[] = [{ type: "present", tabs: this.#list() }];
    let wake = () => {};
    const listener = (event: LiveEvent) => {
      // Of who is there only the newest counts; of a flow's draft, too.
      const isOld = (known: LiveEvent) =>
        known.type === event.type && (known.type !== "draft" || event.type !== "draft" || known.flow === event.flow);
      waiting = [...waiting.filter((known) => !isOld(known)), event];
      wake();
    };
    const stop = () => wake();
    signal.addEventListener("abort", stop);
    this.#listeners.add(listener);
    if (id !== undefined) this.#enter(me.id, id);
    try {
      while (!signal.aborted) {
        const events = waiting;
        waiting = [];
        yield* events;
        if (waiting.length === 0 && !signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", stop);
      if (id !== undefined) this.#leave(me.id, id);
    }
  }

  #enter(user: string, id: string): void {
    const tab = this.#tabs.get(id) ?? { tab: id, user, name: "", flow: null, node: null, watchers: 0 };
    if (tab.user !== user) return;
    clearTimeout(tab.leaving);
    this.#tabs.set(id, { ...tab, watchers: tab.watchers + 1 });
  }

  #leave(user: string, id: string): void {
    const tab = this.#tabs.get(id);
    if (!tab || tab.user !== user) return;
    tab.watchers--;
    if (tab.watchers === 0) this.#leaveSoon(tab);
  }

  #leaveSoon(tab: Tab): void {
    clearTimeout(tab.leaving);
    tab.leaving = setTimeout(() => {
      const now = this.#tabs.get(tab.tab);
      if (!now || now.watchers > 0) return;
      this.#tabs.delete(tab.tab);
      this.#tellPresence();
    }, graceMs);
    tab.leaving.unref();
  }

  #list(): PresentTab[] {
    return [...this.#tabs.values()]
      .filter(({ flow }) => flow !== null)
      .map(({ tab, user, name, flow, node }) => ({ tab, user, name, flow, node }));
  }

  #tellPresence(): void {
    this.#tell({ type: "present", tabs: this.#list() });
  }

  #tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

const held = globalThis as typeof globalThis & { millraceCompanions?: Map<string, Companions> };

/** The one of an environment in this process. Behind several servers people see those of their own; drafts merge all the same, when they are saved. */
export function companions(environment: string): Companions {
  held.millraceCompanions ??= new Map();
  const existing = held.millraceCompanions.get(environment);
  if (existing) return existing;
  const made = new Companions();
  held.millraceCompanions.set(environment, made);
  return made;
}
