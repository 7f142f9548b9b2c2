import type { Message as KafkaJsMessage, RecordMetadata } from "kafkajs";
import type { Compression, KafkaRecord } from "../../../flow/connection-ports";
import { fitAnswers } from "./answers";
import {
  type ClusterInsides,
  type ConnectionPool,
  type Definition,
  fetchKey,
  joinKey,
  type Lookup,
  type Protocol,
  type ProtocolRequest,
  produceKey,
  requests,
} from "./client-parts";
import { compressionType } from "./compression";
import { decodeFetch, type FetchContent, oldestFetchVersion } from "./fetch-answer";
import { frameProduce, oldestProduceVersion, type ProduceContent, type RequestHead } from "./produce-request";
import type { Requests } from "./requests";

/**
 * Where our own encoder and decoder stand in kafkajs's place. kafkajs keeps what it does well: connections, metadata, retries, producer ids
 * and sequences, the socket. It is fitted to the clusters of our own clients, one by one: whoever else uses kafkajs in this
 * process gets it as it is.
 */

/** A request that makes its whole frame itself. */
interface FramedRequest extends ProtocolRequest {
  frame(head: RequestHead): Promise<Buffer>;
}

/** Records of one partition on their way through kafkajs, which takes them for its list of messages. */
export class PartitionRecords {
  constructor(
    readonly partition: number,
    readonly records: readonly KafkaRecord[],
  ) {}

  /** Sequences of idempotent producers are counted by it. */
  get length(): number {
    return this.records.length;
  }

  /** kafkajs looks for a message without a value: there is none. */
  find(): undefined {
    return undefined;
  }

  /** kafkajs adds up its messages by partition, in a time that grows with their square: these belong together already. */
  reduce(): Record<string, PartitionRecords> {
    return { [this.partition]: this };
  }
}

/** What sends messages: a producer, or one of its transactions. */
interface Sender {
  send(content: {
    topic: string;
    messages: KafkaJsMessage[];
    acks?: number;
    timeout?: number;
    compression?: number;
  }): Promise<RecordMetadata[]>;
}

/**
 * Sends records to one partition as one request, acknowledged by all replicas in sync. Answers the offset of the first, or -1.
 * `sender` is a producer of `createClient`, or a transaction of one.
 */
export async function sendRecords(
  sender: Sender,
  topic: string,
  batch: { readonly partition: number; readonly records: readonly KafkaRecord[]; readonly compression: Compression },
  timeoutMs: number,
): Promise<number> {
  const [metadata] = await sender.send({
    topic,
    messages: new PartitionRecords(batch.partition, batch.records) as unknown as KafkaJsMessage[],
    acks: -1,
    timeout: timeoutMs,
    compression: compressionType(batch.compression),
  });
  return Number(metadata?.baseOffset ?? -1);
}

/** Fits the seam to a cluster that kafkajs has just made: to each broker that it makes, and to each pool of connections. */
export function fitCluster(cluster: unknown, requests: Requests): void {
  const { brokerPool, connectionPoolBuilder } = cluster as ClusterInsides;
  const createBroker = brokerPool.createBroker.bind(brokerPool);
  brokerPool.createBroker = (options) => fitRequests(createBroker(options), requests);
  const build = connectionPoolBuilder.build.bind(connectionPoolBuilder);
  connectionPoolBuilder.build = async (address) => fitConnections(await build(address), requests);
}

/** Puts our kinds of requests in the place of kafkajs's, which asks for them by this each time. */
function fitRequests<Broker extends { lookupRequest: Lookup }>(broker: Broker, open: Requests): Broker {
  let lookup = broker.lookupRequest;
  return Object.defineProperty(broker, "lookupRequest", {
    get: (): Lookup => (apiKey, definition) => {
      const make = lookup(apiKey, ours.get(apiKey) ?? definition);
      if (apiKey !== joinKey) return make;
      return (content) => {
        open.joiningAs = content.memberId;
        return make(content);
      };
    },
    // kafkajs sets it when it has connected and knows the broker's versions.
    set: (next: Lookup) => {
      lookup = next;
    },
  });
}

function fitConnections(pool: ConnectionPool, open: Requests): ConnectionPool {
  for (const connection of pool.pool) {
    open.watch(connection);
    fitAnswers(connection);
  }
  const send = pool.send.bind(pool);
  pool.send = async (protocol) => {
    open.refuseWhenBroken();
    if (isFramed(protocol.request)) return sendFramed(pool, protocol, protocol.request);
    return send(withPatience(protocol));
  };
  return pool;
}

/** The assignment waits for the leader of the group, and a topic for its replicas. */
const patienceMs: Readonly<Record<string, number>> = { SyncGroup: 25_000, CreateTopics: 15_000, DeleteTopics: 15_000 };
/** The broker itself waits for its replicas for 8 s. */
const producePatienceMs = 10_000;

function withPatience(protocol: Protocol): Protocol {
  const ms = patienceMs[protocol.request.apiName];
  return ms === undefined ? protocol : { ...protocol, requestTimeout: ms };
}

const produce: Definition = {
  versions: requests.Produce.versions,
  protocol: ({ version }) => {
    const make = requests.Produce.protocol({ version });
    return (content: ProduceContent) => {
      const protocol = make(content);
      const isOurs = content.topicData.every(({ partitions }) =>
        partitions.every(({ messages }) => messages instanceof PartitionRecords),
      );
      if (!isOurs) return protocol;
      refuseOlder(version, oldestProduceVersion);
      const frame = (head: RequestHead) => frameProduce(content, head);
      return { request: { ...protocol.request, frame }, response: protocol.response };
    };
  },
};

const fetch: Definition = {
  versions: requests.Fetch.versions,
  protocol: ({ version }) => {
    refuseOlder(version, oldestFetchVersion);
    const make = requests.Fetch.protocol({ version });
    return (content: FetchContent) => {
      const { request, response } = make(content);
      return { request, response: { ...response, decode: (answer) => decodeFetch(answer, version, content) } };
    };
  },
};

const ours = new Map([
  [produceKey, produce],
  [fetchKey, fetch],
]);

function refuseOlder(version: number, oldest: number): void {
  if (version < oldest) throw new Error("Kafka is too old: 0.11 is the oldest that can be read and written.");
}

function isFramed(request: ProtocolRequest): request is FramedRequest {
  return "frame" in request;
}

/** What kafkajs's connection does to send, without its copies of the whole request. */
async function sendFramed(pool: ConnectionPool, protocol: Protocol, request: FramedRequest): Promise<unknown> {
  const connection = await pool.getConnectionByRequest(protocol);
  if (!connection.isAuthenticated()) await connection.authenticate();
  connection.failIfNotConnected();
  const correlationId = connection.nextCorrelationId();
  const { apiKey, apiName, apiVersion } = request;
  const frame = await request.frame({ apiKey, apiVersion, correlationId, clientId: connection.clientId });
  const { payload } = await new Promise<{ payload: Buffer }>((resolve, reject) => {
    connection.failIfNotConnected();
    connection.requestQueue.push({
      entry: { apiKey, apiName, apiVersion, correlationId, resolve, reject },
      expectResponse: true,
      requestTimeout: producePatienceMs,
      sendRequest: () => connection.socket.write(frame),
    });
  });
  const decoded = await protocol.response.decode(payload);
  connection.requestQueue.maybeThrottle((decoded as { clientSideThrottleTime?: number }).clientSideThrottleTime);
  return protocol.response.parse(decoded);
}
