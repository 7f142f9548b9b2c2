import type { Category, Kind } from "./kind";
import { delay } from "./nodes/delay";
import { filter } from "./nodes/filter";
import { generateSource } from "./nodes/generate-source";
import { httpRequest } from "./nodes/http-request";
import { idempotentReceiver } from "./nodes/idempotent-receiver";
import { kafkaSink } from "./nodes/kafka-sink";
import { kafkaSource } from "./nodes/kafka-source";
import { log } from "./nodes/log";
import { map } from "./nodes/map";
import { pulsarSink } from "./nodes/pulsar-sink";
import { pulsarSource } from "./nodes/pulsar-source";
import { queueSink } from "./nodes/queue-sink";
import { queueSource } from "./nodes/queue-source";
import { rabbitSink } from "./nodes/rabbitmq-sink";
import { rabbitSource } from "./nodes/rabbitmq-source";
import { rabbitStreamSource } from "./nodes/rabbitmq-stream-source";
import { redisStreamSink } from "./nodes/redis-stream-sink";
import { redisStreamSource } from "./nodes/redis-stream-source";
import { request } from "./nodes/request";
import { respond } from "./nodes/respond";
import { sagaApproval } from "./nodes/saga-approval";
import { sagaEnd } from "./nodes/saga-end";
import { sagaFork } from "./nodes/saga-fork";
import { sagaJoin } from "./nodes/saga-join";
import { sagaStart } from "./nodes/saga-start";
import { sagaStep } from "./nodes/saga-step";
import { sagaTimer } from "./nodes/saga-timer";
import { sagaWait } from "./nodes/saga-wait";
import { split } from "./nodes/split";
import { subSaga } from "./nodes/sub-saga";
import { switchKind } from "./nodes/switch";
import { wait } from "./nodes/wait";
import { webhookSource } from "./nodes/webhook-source";

/** Categories in the palette's order. */
export const categories: readonly Category[] = ["Sources", "Route", "Transform", "Call", "Hold", "Saga", "Sinks"];

/**
 * Every kind, in the palette's order. A list and no scan: what the canvas loads is what is named here.
 * Behaviour is not reached from here; the worker's catalog is `behaviours.ts`.
 */
export const kinds: readonly Kind[] = [
  kafkaSource,
  queueSource,
  rabbitSource,
  rabbitStreamSource,
  redisStreamSource,
  pulsarSource,
  webhookSource,
  generateSource,
  switchKind,
  filter,
  idempotentReceiver,
  map,
  split,
  httpRequest,
  request,
  delay,
  wait,
  sagaStart,
  sagaStep,
  sagaFork,
  sagaJoin,
  sagaWait,
  sagaTimer,
  sagaApproval,
  subSaga,
  sagaEnd,
  kafkaSink,
  queueSink,
  rabbitSink,
  redisStreamSink,
  respond,
  pulsarSink,
  log,
];

const kindsByName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.kind, kind]));

/** The kind of that name (`kafka-source`), or `undefined`. */
export function findKind(name: string): Kind | undefined {
  return kindsByName.get(name);
}
