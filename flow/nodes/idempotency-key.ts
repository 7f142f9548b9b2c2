import type { BatchContext, NodeContext } from "../behaviour";
import type { Message } from "../message";
import { messageId } from "./message-id";

const utf8 = new TextEncoder();

/**
 * The message's id, and a digest of what is sent: a key stands for one request, and services refuse it with another one. So a dead
 * letter that a person mended is asked for anew, while the same request is not, however often it is tried.
 */
export function idempotencyKey(
  message: Message,
  context: NodeContext,
  call: BatchContext,
  request: { readonly url: string; readonly body: Uint8Array | null },
): string {
  const content = fnv1a(request.body ?? new Uint8Array(), fnv1a(utf8.encode(request.url)));
  return `${messageId(message, context, call, 0)}/${content.toString(16).padStart(8, "0")}`;
}

/** FNV-1a, 32 bits: tells one content from another of the same message, no more. */
function fnv1a(bytes: Uint8Array, from = 0x811c9dc5): number {
  let hash = from;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
