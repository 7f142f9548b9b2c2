import type { ConnectionKindName } from "../flow/connection-ports";
import type { OpenTransport } from "./transport";
import { openHttp } from "./transports/http";
import { openKafka } from "./transports/kafka";
import { openPulsar } from "./transports/pulsar";
import { openQueue } from "./transports/queue";
import { openRabbitmq } from "./transports/rabbitmq";
import { openRedis } from "./transports/redis";

/** Every transport by its connection kind. Only the files named here reach client libraries. */
export const transports: { readonly [Kind in ConnectionKindName]: OpenTransport<Kind> } = {
  kafka: openKafka,
  queue: openQueue,
  rabbitmq: openRabbitmq,
  redis: openRedis,
  pulsar: openPulsar,
  http: openHttp,
};
