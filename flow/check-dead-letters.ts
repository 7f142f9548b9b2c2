import type { CheckOptions } from "./check";
import { checkPlace } from "./check-places";
import type { FindKind } from "./configure";
import { connectionKinds, findConnectionKind, findPlaceKind } from "./connection-catalog";
import type { FlowDocument } from "./document";
import { listPlaces } from "./flow-places";
import { joinWords } from "./issues";
import { fitsName } from "./place";
import type { Problem } from "./problems";

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
  const kind = findConnectionKind(connection.kind);
  const type = kind?.deadLettersTo;
  const placeKind = type && findPlaceKind(connection.kind, type);
  if (!placeKind) {
    const message = `Dead letters go to ${joinWords(listPlacesForLetters())}; the connection \`${name}\` is of the kind \`${connection.kind}\`.`;
    return [{ code: "connection-wrong-kind", severity: "error", message, ...place }];
  }
  if (!fitsName(placeKind, to)) {
    const message = `\`${to}\` is no name for a ${type}: ${placeKind.name.rule}.`;
    return [{ code: "config-field-invalid", severity: "error", message, field: fieldOf("to") }];
  }
  const named = { connection: name, kind: connection.kind, type, name: to };
  const use = {
    meanwhile: "They are kept, and written there when it is back.",
    purpose: " for dead letters",
    where: ", where dead letters go,",
  };
  return [
    ...connection.missing.map((missing): Problem => {
      const message = `The connection \`${name}\`, where dead letters go, is not whole: ${missing}`;
      return { code: "connection-incomplete", severity: "error", message, ...place };
    }),
    ...checkPlace(named, options.places?.[name], use).map((problem) => ({ ...problem, field: fieldOf("to") })),
  ];
}

/** `a topic of Kafka`, `a queue of BullMQ`. */
function listPlacesForLetters(): string[] {
  return connectionKinds.flatMap(({ label, deadLettersTo }) =>
    deadLettersTo ? [`a ${deadLettersTo} of ${label}`] : [],
  );
}

/** The source that reads the same place. */
function findCircle(
  flow: FlowDocument,
  { connection, to }: { connection: string; to: string },
  find: FindKind,
): string | undefined {
  return listPlaces(flow, find).find(
    (place) =>
      place.connection === connection &&
      place.name === to &&
      find(flow.nodes.find(({ id }) => id === place.node)!.kind)?.role === "source",
  )?.node;
}
