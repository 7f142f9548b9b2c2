import type { Member } from "./members";
import { parkAfterMs } from "./parking";
import type { Standing, Weakening } from "./standing";

/** A message that waits long lets the rest go on: what stays in order is each key. */
export function park(before: Standing, member: Member): { standing: Standing; weakenings: Weakening[] } {
  if (!member.parks || before.scope === "none" || before.scope === "key") return { standing: before, weakenings: [] };
  const seconds = parkAfterMs / 1000;
  const rest = before.keyless
    ? "Its messages have no key, so others overtake it: there is no order from there on."
    : "From there on messages are in order by key, and those without a key may be overtaken.";
  const weakening: Weakening = {
    node: member.node,
    weakens: "order",
    text: `A message that waits longer than ${seconds} s for its next try at \`${member.node}\` is parked, with all later ones of its key. ${rest}`,
    mend: `Keep the waits of its retry within ${seconds} s, and the whole lane waits instead.`,
    field: "retry",
    usual: false,
  };
  return {
    standing: { ...before, scope: before.keyless ? "none" : "key", by: "key" },
    weakenings: [weakening],
  };
}

const keepOrder = "Let it keep the order by key or by lane.";

type Weaken = (text: string, mend: string | undefined, usual: boolean) => Weakening;

export interface OrderPassage {
  readonly at: Standing;
  readonly after: Standing;
  readonly through: readonly Weakening[];
  readonly ending: readonly Weakening[];
}

/** What a node makes of the order of its messages. */
export function passOrder(before: Standing, { node, semantics, calls, holds }: Member): OrderPassage {
  const same = { at: before, after: before, through: [], ending: [] };
  if (before.scope === "none") return same;
  const weaken: Weaken = (text, mend, usual) => ({
    node,
    weakens: "order",
    text: endSentence(text),
    ...(mend === undefined ? {} : { mend }),
    usual,
  });
  const { order } = semantics;
  const lost = (text: string, mend?: string): OrderPassage => {
    const none: Standing = { ...before, scope: "none" };
    // A saga is there to go its own way; that a message which was held has lost its place may surprise.
    return { at: none, after: none, through: [weaken(text, mend, holds === "saga")], ending: [] };
  };
  if (typeof order === "object" && "lost" in order)
    return lost(`From \`${node}\` on there is no order: ${order.lost}`, calls && keepOrder);
  if (calls?.order === "none") {
    return lost(`From \`${node}\` on there is no order: messages leave it as its calls are answered.`, keepOrder);
  }
  if (calls?.order === "key" && calls.concurrency > 1) {
    const text = before.keyless
      ? `\`${node}\` calls side by side: its messages have no key that would hold them in order. They leave it in their order again.`
      : `\`${node}\` calls for one key after another, for several keys side by side. They leave it in their order again.`;
    const at: Standing = { ...before, scope: before.keyless ? "none" : "key", by: "key" };
    return before.scope === "key" && before.by === "key"
      ? same
      : { at, after: before, through: [], ending: [weaken(text, "Let it keep the order by lane.", true)] };
  }
  if (typeof order !== "object" || !("by" in order)) return same;
  if (order.by === "key") {
    if (!before.keyless) return spread(before, node, weaken);
    return lost(`\`${node}\` spreads messages without a key, so they have no order.`, "Give them a key.");
  }
  if (before.scope === "key" && before.by !== order.by) {
    return lost(
      `\`${node}\` writes by \`${order.by}\`, but messages come in order by \`${before.by}\` only: there is no order.`,
      "Write by the key that they have.",
    );
  }
  const text = `\`${node}\` writes by \`${order.by}\`: messages are in order by that key, as far as those of one key came in one lane.`;
  const at: Standing = { ...before, scope: "key", by: order.by };
  return {
    at,
    after: before,
    through: [],
    ending: [weaken(text, "Leave its key empty to keep that of the message.", true)],
  };
}

/** Written by the key that they have: one order becomes that of several partitions, and what has no key has none. */
function spread(before: Standing, node: string, weaken: Weaken): OrderPassage {
  const text = `\`${node}\` spreads messages over partitions by their key; those without a key have no order.`;
  const scope = before.scope === "lane" ? "partition" : before.scope;
  const ending = [weaken(text, "Give each message a key.", true)];
  return { at: { ...before, scope }, after: before, through: [], ending };
}

export function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
