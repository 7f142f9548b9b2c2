import type { Behaviour } from "./behaviour";
import { delayBehaviour } from "./nodes/delay.behaviour";
import { disabledBehaviour } from "./nodes/disabled.behaviour";
import { filterBehaviour } from "./nodes/filter.behaviour";
import { generateSourceBehaviour } from "./nodes/generate-source.behaviour";
import { httpRequestBehaviour } from "./nodes/http-request.behaviour";
import { idempotentReceiverBehaviour } from "./nodes/idempotent-receiver.behaviour";
import { kafkaSinkBehaviour } from "./nodes/kafka-sink.behaviour";
import { kafkaSourceBehaviour } from "./nodes/kafka-source.behaviour";
import { logBehaviour } from "./nodes/log.behaviour";
import { mapBehaviour } from "./nodes/map.behaviour";
import { pulsarSinkBehaviour } from "./nodes/pulsar-sink.behaviour";
import { pulsarSourceBehaviour } from "./nodes/pulsar-source.behaviour";
import { queueSinkBehaviour } from "./nodes/queue-sink.behaviour";
import { queueSourceBehaviour } from "./nodes/queue-source.behaviour";
import { rabbitSinkBehaviour } from "./nodes/rabbitmq-sink.behaviour";
import { rabbitSourceBehaviour } from "./nodes/rabbitmq-source.behaviour";
import { rabbitStreamSourceBehaviour } from "./nodes/rabbitmq-stream-source.behaviour";
import { redisStreamSinkBehaviour } from "./nodes/redis-stream-sink.behaviour";
import { redisStreamSourceBehaviour } from "./nodes/redis-stream-source.behaviour";
import { requestBehaviour } from "./nodes/request.behaviour";
import { respondBehaviour } from "./nodes/respond.behaviour";
import { sagaStartBehaviour } from "./nodes/saga-start.behaviour";
import { sagaStepBehaviour } from "./nodes/saga-step.behaviour";
import { sagaWaitBehaviour } from "./nodes/saga-wait.behaviour";
import { splitBehaviour } from "./nodes/split.behaviour";
import { switchBehaviour } from "./nodes/switch.behaviour";
import { waitBehaviour } from "./nodes/wait.behaviour";
import { webhookSourceBehaviour } from "./nodes/webhook-source.behaviour";

/** What each kind that works messages does (`worksMessages`), by its name: the worker's catalog. The canvas loads `catalog.ts` alone. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  "generate-source": generateSourceBehaviour,
  "kafka-source": kafkaSourceBehaviour,
  "kafka-sink": kafkaSinkBehaviour,
  "queue-source": queueSourceBehaviour,
  "queue-sink": queueSinkBehaviour,
  "rabbitmq-source": rabbitSourceBehaviour,
  "rabbitmq-stream-source": rabbitStreamSourceBehaviour,
  "rabbitmq-sink": rabbitSinkBehaviour,
  "redis-stream-source": redisStreamSourceBehaviour,
  "redis-stream-sink": redisStreamSinkBehaviour,
  "pulsar-source": pulsarSourceBehaviour,
  "pulsar-sink": pulsarSinkBehaviour,
  "webhook-source": webhookSourceBehaviour,
  filter: filterBehaviour,
  switch: switchBehaviour,
  "idempotent-receiver": idempotentReceiverBehaviour,
  map: mapBehaviour,
  split: splitBehaviour,
  "http-request": httpRequestBehaviour,
  request: requestBehaviour,
  respond: respondBehaviour,
  delay: delayBehaviour,
  wait: waitBehaviour,
  "saga-start": sagaStartBehaviour,
  "saga-step": sagaStepBehaviour,
  "saga-wait": sagaWaitBehaviour,
  log: logBehaviour,
  // No kind of its own: `plan` puts it in place of a node that is disabled.
  disabled: disabledBehaviour,
};

/** The behaviour of a kind, or `undefined` for one that works no messages and for a name that is not in the catalog. */
export function behaviourOf(kind: string): Behaviour | undefined {
  return Object.hasOwn(behaviours, kind) ? behaviours[kind] : undefined;
}
