import superjson from "superjson";
import type { LiveEvent } from "../../server/views";

/** What tabs met while they were open. */
export interface Behind {
  /** The oldest that the counts were which any tab showed, from when the worker wrote them. */
  readonly mostMs: number;
  /** In the middle, just before the next ones came. */
  readonly middleMs: number;
  readonly events: number;
  /** Megabytes that all received together. */
  readonly megabytes: number;
}

/** Opens the live connection of so many tabs, each as a browser does, and reads all of it. */
export function openTabs(
  url: string,
  token: string,
  flow: string,
  count: number,
): { begin(): void; close(): Promise<Behind> } {
  const ended = new AbortController();
  const ages: number[] = [];
  const failures: unknown[] = [];
  let [events, bytes] = [0, 0];
  let counting = false;
  const watch = async (tab: string) => {
    const input = encodeURIComponent(JSON.stringify(superjson.serialize({ tab })));
    const response = await fetch(`${url}/api/trpc/live.events?input=${input}`, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
      signal: ended.signal,
    });
    if (!response.ok || !response.body)
      throw new Error(`a tab was refused: ${response.status} ${await response.text()}`);
    let [rest, shownOf] = ["", 0];
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      bytes += chunk.length;
      const messages = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = messages.pop()!;
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (!data || !message.includes("id: ")) continue;
        const event = superjson.deserialize<LiveEvent>(JSON.parse(data));
        if (event.type !== "live") continue;
        const writtenAt = event.flows.find((view) => view.flow === flow)?.workers[0]?.updatedAt.getTime();
        if (writtenAt === undefined) continue;
        events++;
        // What was shown until now is as old as it became.
        if (shownOf && counting) ages.push(Date.now() - shownOf);
        shownOf = writtenAt;
      }
    }
  };
  const tabs = Array.from({ length: count }, (_, index) =>
    watch(`bench-tab-${index}`).catch((error: unknown) => {
      if (!ended.signal.aborted) failures.push(error);
    }),
  );
  return {
    /** Before the first messages come counts stay as they are, and are written seldom. */
    begin() {
      counting = true;
    },
    async close() {
      ended.abort();
      await Promise.all(tabs);
      if (failures[0]) throw failures[0];
      if (ages.length === 0 && count > 0) throw new Error("no tab saw the flow's counts");
      ages.sort((a, b) => a - b);
      return {
        mostMs: ages.at(-1) ?? 0,
        middleMs: ages[Math.floor(ages.length / 2)] ?? 0,
        events,
        megabytes: bytes / 1e6,
      };
    },
  };
}
