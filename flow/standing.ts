import { compareOrder, type OrderScope } from "./guarantee";
import type { Member } from "./members";
import { endSentence, park, passOrder } from "./order";

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
