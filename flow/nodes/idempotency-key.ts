import type { NodeContext } from "../behaviour";
import { headerText, type Message } from "../message";
import { splitIndexHeader } from "./split";

const utf8 = new TextEncoder();

/**
 * The same for each try of the same request, another for every other one. The source's position names the message; messages that were made
 * of it on the way (items of a split, copies by several ports) share that position, so what is sent counts in as well.
 */
export function idempotencyKey(
  message: Message,
  context: Pick<NodeContext, "environment" | "flow" | "node">,
  url: string,
  body: Uint8Array | null,
): string {
  const { source, lane, position } = message.meta;
  const place = [context.environment, context.flow, context.node, source, lane, position].map(encodeURIComponent);
  const index = headerText(message.headers, splitIndexHeader);
  const content = fnv1a(body ?? new Uint8Array(), fnv1a(utf8.encode(url)));
  return [...place, ...(index === undefined ? [] : [index]), content.toString(16).padStart(8, "0")].join("/");
}

/** FNV-1a, 32 bits: tells siblings apart, no more. */
function fnv1a(bytes: Uint8Array, from = 0x811c9dc5): number {
  let hash = from;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
