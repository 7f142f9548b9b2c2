import "server-only";
import { createHash } from "node:crypto";

/**
 * What can go wrong at a service. `refuse`: never, by its rules (422). `broken`: 500 each time, nothing done. `fail`: 500 the first time.
 * `lost`: done, but the first answer is a 500. `slow`: done, but the first answer comes late. `twice`: the answer comes a second time, by a webhook.
 */
export const troubles = ["refuse", "broken", "fail", "lost", "slow", "twice"] as const;
export type Trouble = (typeof troubles)[number];
export type Side = "do" | "undo";

export const serviceNames = ["stock", "card", "carrier"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** `card: { lost: 0.1, "undo-broken": 1 }`: a share of the requests, those of one key always alike. */
export interface Switches {
  readonly shares: Readonly<Partial<Record<ServiceName, Readonly<Record<string, number>>>>>;
  readonly slowMs: number;
  /** Path under `/in/` for answers that come twice. */
  readonly answerTo: string | null;
}

export const calm: Switches = { shares: {}, slowMs: 5_000, answerTo: null };
const longestSlowMs = 60_000;
const switchNames = troubles.flatMap((trouble) => [trouble, `undo-${trouble}`]);

/** The switches with those that were given. A text says what cannot be read. */
export function readSwitches(before: Switches, given: unknown): Switches | string {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return "Switches are a JSON object.";
  let { shares, slowMs, answerTo } = before;
  for (const [name, value] of Object.entries(given)) {
    if (name === "slowMs") {
      if (typeof value !== "number" || !(value >= 0 && value <= longestSlowMs))
        return `slowMs is a number of milliseconds from 0 to ${longestSlowMs}.`;
      slowMs = value;
    } else if (name === "answerTo") {
      if (value !== null && !isPath(value)) return "answerTo is the path of a webhook, without /in/ before it.";
      answerTo = value;
    } else if (isService(name)) {
      const read = readShares(name, value);
      if (typeof read === "string") return read;
      shares = { ...shares, [name]: read };
    } else {
      return `There is no switch ${name}. There are: ${[...serviceNames, "slowMs", "answerTo"].join(", ")}.`;
    }
  }
  return { shares, slowMs, answerTo };
}

function readShares(service: string, given: unknown): Record<string, number> | string {
  const shares = typeof given === "object" && given !== null ? Object.entries(given) : [];
  for (const [name, share] of shares) {
    if (!switchNames.includes(name)) return `${service} has no switch ${name}. It has: ${switchNames.join(", ")}.`;
    if (typeof share !== "number" || !(share >= 0 && share <= 1)) return `${service}.${name} is a share from 0 to 1.`;
  }
  return Object.fromEntries(shares) as Record<string, number>;
}

/** Does this befall a request? As its own words say (`card:lost carrier:undo-broken`), or by its share. */
export function isTroubled(
  switches: Switches,
  asked: { readonly service: ServiceName; readonly side: Side; readonly key: string; readonly words: string },
  trouble: Trouble,
): boolean {
  const name = asked.side === "do" ? trouble : `undo-${trouble}`;
  if (asked.words.split(/\s+/).includes(`${asked.service}:${name}`)) return true;
  const share = switches.shares[asked.service]?.[name] ?? 0;
  return share > 0 && drawLot(`${asked.service} ${name} ${asked.key}`) < share;
}

/** A number from 0 to 1, the same for the same text. */
function drawLot(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}

export function isService(name: string | undefined): name is ServiceName {
  return (serviceNames as readonly (string | undefined)[]).includes(name);
}

export function isPath(value: unknown): value is string {
  return typeof value === "string" && /^[a-z0-9][a-z0-9/_-]{0,199}$/i.test(value);
}
