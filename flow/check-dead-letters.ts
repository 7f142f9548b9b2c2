import type { CheckOptions } from "./check";
import { configureNode, type FindKind } from "./configure";
import type { FlowDocument } from "./document";
import { queueNamePattern, queueNameRule } from "./nodes/queue-name";
import type { Problem } from "./problems";

/** Kinds of connections that dead letters can be written to. */
export const deadLetterConnectionKinds: readonly string[] = ["kafka", "queue"];

const fieldOf = (field: "connection" | "to") => `settings.deadLetters.${field}`;

/** What is wrong with the place where dead letters are also to be written. */
export function checkDeadLetters(flow: FlowDocument, options: CheckOptions, find: FindKind): Problem[] {
  const wanted = flow.settings?.deadLetters;
  if (!wanted) return [];
  const { connection: name, to } = wanted;
  const circle = findCircle(flow, wanted, find);
  if (circle !== undefined) {
    const message = `Dead letters are written to \`${to}\`, which \`${circle}\` reads: they would come again and again. Choose another.`;
    return [{ code: "dead-letters-circle", severity: "error", message, field: fieldOf("to") }];
  }
  if (!options.connections) return [];
  const place = { field: fieldOf("connection"), fix: { do: "open-connections", connection: name } } as const;
  const connection = options.connections.find((each) => each.name === name);
  if (!connection) {
    const message = `Dead letters go to the connection \`${name}\`, which does not exist. Add it on the Connections page.`;
    return [{ code: "connection-missing", severity: "error", message, ...place }];
  }
  if (!deadLetterConnectionKinds.includes(connection.kind)) {
    const message = `Dead letters go to Kafka or to a queue; the connection \`${name}\` is of the kind \`${connection.kind}\`.`;
    return [{ code: "connection-wrong-kind", severity: "error", message, ...place }];
  }
  if (connection.kind === "queue") {
    if (queueNamePattern.test(to)) return [];
    const message = `\`${to}\` is no name for a queue: ${queueNameRule}.`;
    return [{ code: "config-field-invalid", severity: "error", message, field: fieldOf("to") }];
  }
  return [
    ...connection.missing.map((missing): Problem => {
      const message = `The connection \`${name}\`, where dead letters go, is not whole: ${missing}`;
      return { code: "connection-incomplete", severity: "error", message, ...place };
    }),
    ...checkTopic(name, to, options),
  ];
}

function checkTopic(connection: string, topic: string, options: CheckOptions): Problem[] {
  const known = options.places?.[connection];
  const field = fieldOf("to");
  if (known === "unreachable") {
    const message = `The broker of \`${connection}\`, where dead letters go, cannot be reached now. They are kept, and written there when it is back.`;
    return [{ code: "broker-unreachable", severity: "warning", message, field }];
  }
  if (known === undefined || known.includes(topic)) return [];
  const fix = { do: "create-topic", connection, topic, partitions: 4 } as const;
  const message = `The topic \`${topic}\` for dead letters does not exist on \`${connection}\`. Create it, or choose another.`;
  return [{ code: "topic-missing", severity: "error", message, field, fix }];
}

/** The source that reads the same place. */
function findCircle(
  flow: FlowDocument,
  { connection, to }: { connection: string; to: string },
  find: FindKind,
): string | undefined {
  return flow.nodes.find((node) => {
    const { kind, config } = configureNode(node, find);
    if (kind?.role !== "source" || config === undefined) return false;
    const source = config as { connection?: unknown; topic?: unknown; queue?: unknown };
    return source.connection === connection && (source.topic === to || source.queue === to);
  })?.id;
}
