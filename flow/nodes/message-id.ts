import type { BatchContext, NodeContext } from "../behaviour";
import type { Message, MessageMeta } from "../message";

/** Header of Kafka messages that carries their id. */
export const messageIdHeader = "millrace-message-id";

/** Flow, source, lane and position: the same each time the same message comes, also as a dead letter that is sent again. */
export function placeOf(groupName: string, { source, lane, position, origin }: MessageMeta): string[] {
  return [groupName, source, origin?.lane ?? lane, origin?.position ?? position];
}

/**
 * The id of what a node makes of a message: the same each time the same message is worked there, another for every other one, whatever
 * its content. The source's position names the message; items of a split and copies by several wires share that, so the way they took
 * counts in as well. Holds for one drawing: a node with another id, or a split with other wires before it, is another sender.
 */
export function messageId(
  message: Message,
  { environment, groupName, node }: Pick<NodeContext, "environment" | "groupName" | "node">,
  batch: Pick<BatchContext, "partOf">,
  index: number,
): string {
  const part = (message.meta.origin?.part ?? "0") + (batch.partOf?.(index) ?? "");
  return [environment, node, ...placeOf(groupName, message.meta), part].map(encodeURIComponent).join("/");
}
