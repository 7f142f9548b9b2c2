import { compareOrder, type OrderScope } from "./guarantee";
import type { Member } from "./members";
import { parkAfterMs } from "./parking";

/** Something that a node takes from what a path could claim. */
export interface Weakening {
  /** Absent when it is of the flow as a whole. */
  readonly node?: string;
  readonly weakens: "delivery" | "order" | "durability";
  readonly text: string;
  /** What would mend it, as a sentence. */
  readonly mend?: string;
  /** Where its cause is set, when that is not the config. */
  readonly field?: "retry";
  /** No more than at least once means anyway, or than the node was set to do: told in lists, not marked on the drawing. */
  readonly usual: boolean;
}

/** How messages of one source stand at a place of the drawing, over all ways that lead there. */
export interface Standing {
  readonly scope: OrderScope;
  /** The key that the scope `key` is by, as an expression. */
  readonly by: string;
  readonly keyless: boolean;
  /** What a second delivery has done on the way: nothing that matters, was recognised each time, or happened twice. */
  readonly repeats: "none" | "recognised" | "twice";
  /** For how long it is recognised; absent: for ever. */
  readonly windowMs?: number;
  /** Guards that are on every way here. */
  readonly guards: readonly string[];
}

/** Where nothing has effects, nothing is claimed of them: weaker than what is recognised. */
const repeats: readonly Standing["repeats"][] = ["twice", "none", "recognised"];

export function beginStanding({ semantics }: Member): Standing {
  const { order, keyless } = semantics.source!;
  return { scope: order, by: "key", keyless: keyless === true, repeats: "none", guards: [] };
}

/** Two ways meet: what holds on both. */
export function meet(a: Standing, b: Standing): Standing {
  const weaker = compareOrder(a.scope, b.scope) <= 0 ? a : b;
  const clash = a.scope === "key" && b.scope === "key" && a.by !== b.by;
  const worse = repeats.indexOf(a.repeats) < repeats.indexOf(b.repeats) ? a.repeats : b.repeats;
  return {
    scope: clash ? "none" : weaker.scope,
    by: weaker.by,
    keyless: a.keyless || b.keyless,
    ...told(worse, a.windowMs, b.windowMs),
    guards: a.guards.filter((guard) => b.guards.includes(guard)),
  };
}

/** What a node makes of it: `at` the node, for paths that end there, and `after` it, for those that go on. */
export interface Passage {
  readonly at: Standing;
  readonly after: Standing;
  /** What weakens all paths through the node. */
  readonly through: readonly Weakening[];
  /** What weakens only those that end there. */
  readonly ending: readonly Weakening[];
}

/** `source`: where the messages come from. */
export function pass(before: Standing, member: Member, source: Member): Passage {
  const parked = park(before, member);
  const order = passOrder(parked.standing, member);
  const delivery = passDelivery(order.at, member, source);
  // What leaves a sink by its error port was not written there, so neither its key nor its repeats count.
  const after: Standing =
    member.role === "sink"
      ? parked.standing
      : {
          ...order.after,
          ...told(delivery.at.repeats, delivery.at.windowMs),
          guards: member.semantics.guards ? [...before.guards, member.node] : before.guards,
        };
  const ends = member.role === "sink";
  return {
    at: delivery.at,
    after,
    through: [...parked.weakenings, ...(ends ? [] : [...order.through, ...delivery.weakenings])],
    ending: [...order.ending, ...(ends ? [...order.through, ...delivery.weakenings] : [])],
  };
}

function park(before: Standing, member: Member): { standing: Standing; weakenings: Weakening[] } {
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

interface OrderPassage {
  readonly at: Standing;
  readonly after: Standing;
  readonly through: readonly Weakening[];
  readonly ending: readonly Weakening[];
}

function passOrder(before: Standing, { node, semantics, calls }: Member): OrderPassage {
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
    return { at: none, after: none, through: [weaken(text, mend, false)], ending: [] };
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
    if (!before.keyless) return before.scope === "lane" ? spread(before, weaken) : same;
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

/** One order becomes that of several partitions. */
function spread(before: Standing, weaken: Weaken): OrderPassage {
  const text = "Messages are spread over partitions by their key: each partition is in order by itself.";
  const ending = [weaken(text, "A topic with one partition keeps them all in order.", true)];
  return { at: { ...before, scope: "partition" }, after: before, through: [], ending };
}

function passDelivery(before: Standing, member: Member, source: Member): { at: Standing; weakenings: Weakening[] } {
  const { node, role, semantics } = member;
  const repeat = semantics.repeat ?? (role === "sink" ? "duplicates" : undefined);
  if (repeat === undefined) return { at: before, weakenings: [] };
  if (repeat === "harmless") return { at: { ...before, ...recognise(before) }, weakenings: [] };
  const weaken = (text: string): { at: Standing; weakenings: Weakening[] } => ({
    at: { ...before, ...told("twice") },
    weakenings: [
      {
        node,
        weakens: "delivery",
        text: endSentence(text),
        ...(semantics.mend === undefined ? {} : { mend: semantics.mend }),
        usual: true,
      },
    ],
  });
  if (repeat === "duplicates") {
    const verb = role === "sink" ? "write" : "send";
    const guard = before.guards.at(-1);
    return weaken(
      guard === undefined
        ? `After a crash or a retry \`${node}\` may ${verb} the same message twice.`
        : `\`${guard}\` stops repeats, but a crash between the ${verb === "write" ? "write" : "call"} at \`${node}\` and the mark at \`${guard}\` lets it ${verb} the same message twice.`,
    );
  }
  const resends = source.semantics.source?.resends;
  if (resends !== undefined && !repeat.byContent) {
    return weaken(`\`${node}\` knows a message by its place at \`${source.node}\`. ${endSentence(resends)}`);
  }
  return { at: { ...before, ...recognise(before, repeat.windowMs) }, weakenings: [] };
}

function recognise(before: Standing, windowMs?: number): Pick<Standing, "repeats" | "windowMs"> {
  return told(before.repeats === "none" ? "recognised" : before.repeats, before.windowMs, windowMs);
}

/** The shortest of the windows counts. */
function told(what: Standing["repeats"], ...windows: (number | undefined)[]): Pick<Standing, "repeats" | "windowMs"> {
  const known = windows.filter((each) => each !== undefined);
  return { repeats: what, ...(what !== "twice" && known.length > 0 ? { windowMs: Math.min(...known) } : {}) };
}

export function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
