import type { Case } from "./case";
import { acrossBrokers } from "./cases/across-brokers";
import { brokers } from "./cases/brokers";
import { exactlyOnce } from "./cases/exactly-once";
import { filterBody, filterBodyFew, filterHeader, filterKey } from "./cases/filter";
import { flows20 } from "./cases/flows-20";
import { kafkaToQueue } from "./cases/kafka-to-queue";
import { latency } from "./cases/latency";
import { latencyBrokers } from "./cases/latency-brokers";
import { map } from "./cases/map";
import { nodeRed } from "./cases/node-red";
import { pulsar } from "./cases/pulsar";
import { queueToKafka } from "./cases/queue-to-kafka";
import { rabbitmq } from "./cases/rabbitmq";
import { recorder } from "./cases/recorder";
import { redisStream } from "./cases/redis-stream";
import { scaling } from "./cases/scaling";
import { size1k, size10k } from "./cases/sizes";
import { splitOf10 } from "./cases/split";
import { switchOf8 } from "./cases/switch";
import { untouched } from "./cases/untouched";
import { webhook } from "./cases/webhook";

/** Every case by its name, in the order in which they run. */
export const cases: Readonly<Record<string, Case>> = {
  untouched,
  "filter-key": filterKey,
  "filter-header": filterHeader,
  "filter-body-few": filterBodyFew,
  "filter-body": filterBody,
  map,
  switch: switchOf8,
  split: splitOf10,
  "exactly-once": exactlyOnce,
  "size-1k": size1k,
  "size-10k": size10k,
  "kafka-to-queue": kafkaToQueue,
  "queue-to-kafka": queueToKafka,
  rabbitmq,
  "redis-stream": redisStream,
  pulsar,
  brokers,
  "across-brokers": acrossBrokers,
  webhook,
  "flows-20": flows20,
  latency,
  "latency-brokers": latencyBrokers,
  recorder,
  scaling,
  "node-red": nodeRed,
};
