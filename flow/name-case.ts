import type { FlowDocument } from "./document";
import { listPlaces } from "./flow-places";
import type { TestMessage } from "./test-case";

const maxName = 120;
/** A key or an id in a name is cut here. */
const maxId = 60;

/**
 * A name for a case made of a message: what comes at the source, and which one it is: "Order 4711". A name that is taken gets a number.
 */
export function nameCase(flow: FlowDocument, at: string, message: TestMessage, taken: ReadonlySet<string>): string {
  const id = identify(message);
  const noun = nameWhatComes(flow, at);
  // A key that says already what it is of: `order-4711`.
  const isWhole = id?.toLowerCase().startsWith(noun.toLowerCase());
  const base = (id === undefined ? noun : isWhole ? id : `${noun} ${id}`).slice(0, maxName - 6);
  if (id !== undefined && !taken.has(base)) return base;
  for (let count = id === undefined ? 1 : 2; ; count++) {
    const name = `${base} ${id === undefined ? count : `(${count})`}`;
    if (!taken.has(name)) return name;
  }
}

/** The key; without one, what the body calls its id. */
function identify({ key, body }: TestMessage): string | undefined {
  const id = key ?? (typeof body === "object" && body !== null ? (body as Record<string, unknown>).id : undefined);
  if (typeof id !== "string" && typeof id !== "number") return undefined;
  // Bytes that are no text, and line breaks, are no part of a name.
  const text = String(id)
    .replace(/[\p{C}\ufffd\s]+/gu, " ")
    .trim()
    .slice(0, maxId);
  return text === "" ? undefined : text;
}

/** One of what the source's place is named after: `shop.orders` gives "Order". */
function nameWhatComes(flow: FlowDocument, at: string): string {
  const place = listPlaces(flow).find(({ node }) => node === at)?.name;
  const word = (place ?? at).split(/[./:_-]/).findLast((part) => /\p{L}/u.test(part)) ?? "message";
  const one = /[^s]s$/.test(word) ? word.replace(/ies$/, "y").replace(/s$/, "") : word;
  return one.charAt(0).toUpperCase() + one.slice(1);
}
