import type { CheckOptions } from "./check";
import { findConnectionKind } from "./connection-catalog";
import type { FlowDocument } from "./document";
import type { Problem } from "./problems";

const field = "settings.holding.connection";

/** What is wrong with the place where the flow is to hold. */
export function checkHolding(flow: FlowDocument, options: CheckOptions): Problem[] {
  const name = flow.settings?.holding?.connection;
  if (name === undefined || !options.connections) return [];
  const place = { field, fix: { do: "open-connections", connection: name } } as const;
  const connection = options.connections.find((each) => each.name === name);
  if (!connection) {
    const message = `What the flow holds is to rest in the connection \`${name}\`, which does not exist. Add it on the Connections page, or leave it to Postgres.`;
    return [{ code: "connection-missing", severity: "error", message, ...place }];
  }
  if (!findConnectionKind(connection.kind)?.describeHeld) {
    const message = `What the flow holds rests in Postgres or in the Redis of a queue connection; \`${name}\` is of the kind \`${connection.kind}\`.`;
    return [{ code: "connection-wrong-kind", severity: "error", message, ...place }];
  }
  return connection.missing.map((missing): Problem => {
    const message = `The connection \`${name}\`, where what the flow holds is to rest, is not whole: ${missing}`;
    return { code: "connection-incomplete", severity: "error", message, ...place };
  });
}
