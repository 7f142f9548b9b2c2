import { findKind } from "../../flow/catalog";
import { KafkaSource } from "../transports/kafka/consumer";
import { type Cell, nameCell } from "./cell";
import { faults } from "./faults";
import type { SemanticsName, Shape } from "./shape";
import { kafkaHttp } from "./shapes/kafka-http";
import { kafkaQueueOnce } from "./shapes/kafka-queue-once";
import { kafkaRoute } from "./shapes/kafka-route";
import { kafkaSplit } from "./shapes/kafka-split";
import { queueKafka } from "./shapes/queue-kafka";
import { webhookKafka } from "./shapes/webhook-kafka";

export const shapes: readonly Shape[] = [kafkaRoute, queueKafka, kafkaHttp, kafkaSplit, webhookKafka, kafkaQueueOnce];

/** Every cell that makes sense: a fault of something that the flow does not stand on is none. */
export function listCells(): Cell[] {
  return shapes.flatMap((shape) =>
    shape.semantics
      .filter(isThere)
      .flatMap((semantics) =>
        faults
          .filter(({ of }) => of === undefined || shape.stands.includes(of))
          .map((fault) => ({ shape, semantics, fault })),
      ),
  );
}

/** Cells by `shape/semantics/fault`, each part a name or `*`; parts that are left out are any. */
export function chooseCells(pattern: string, cells: readonly Cell[] = listCells()): Cell[] {
  const parts = pattern.split("/");
  return cells.filter((cell) =>
    nameCell(cell)
      .split("/")
      .every((name, place) => [undefined, "", "*", name].includes(parts[place])),
  );
}

/** Does this checkout have what the promise needs? */
function isThere(semantics: SemanticsName): boolean {
  if (semantics === "effectively-once") return findKind("idempotent-receiver") !== undefined;
  return semantics === "at-least-once" || "transact" in KafkaSource.prototype;
}
