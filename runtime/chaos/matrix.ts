import { type Cell, nameCell } from "./cell";
import { faults } from "./faults";
import type { Shape } from "./shape";
import { kafkaPulsar, kafkaRabbit, kafkaRabbitStream, kafkaStream } from "./shapes/kafka-and-back";
import { kafkaHttp } from "./shapes/kafka-http";
import { kafkaQueueOnce } from "./shapes/kafka-queue-once";
import { kafkaRoute } from "./shapes/kafka-route";
import { kafkaSplit } from "./shapes/kafka-split";
import { queueKafka } from "./shapes/queue-kafka";
import { webhookKafka } from "./shapes/webhook-kafka";

export const shapes: readonly Shape[] = [
  kafkaRoute,
  queueKafka,
  kafkaHttp,
  kafkaSplit,
  webhookKafka,
  kafkaQueueOnce,
  kafkaRabbit,
  kafkaRabbitStream,
  kafkaStream,
  kafkaPulsar,
];

/** Every cell that makes sense: a fault of something that the flow does not stand on is none. */
export function listCells(): Cell[] {
  return shapes.flatMap((shape) =>
    shape.semantics.flatMap((semantics) =>
      faults
        // Exactly once is Kafka alone, whatever else the shape has otherwise.
        .filter(
          ({ of }) =>
            of === undefined || ((of !== "redis" || semantics !== "exactly-once") && shape.stands.includes(of)),
        )
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
