import { type Broker, type Cluster, Kafka, type SASLOptions } from "kafkajs";
import { TransportError, type TransportOptions } from "../../transport";
import { readCertificate, tlsOptions } from "../tls";
import { openSocket } from "./answers";
import { causeOf, findRoot, isPassing } from "./causes";
import type { FetchedRecords } from "./fetch-answer";
import { Requests, requestPatienceMs } from "./requests";
import { fitCluster, type PartitionRecords } from "./seam";

/**
 * What kafkajs's cluster and brokers can do beyond their published types. Its exact version is pinned: only this file, `seam.ts`
 * and `client-parts.ts` know its insides.
 */
export interface KafkaCluster extends Omit<Cluster, "findBroker" | "findGroupCoordinator"> {
  readonly targetTopics: Set<string>;
  readonly brokerPool: { findConnectedBroker(): Promise<KafkaBroker> };
  findBroker(node: { nodeId: string }): Promise<KafkaBroker>;
  /** `groupId` is a transactional id when the coordinator of transactions is meant (type 1). */
  findGroupCoordinator(group: { groupId: string; coordinatorType?: 0 | 1 }): Promise<KafkaBroker>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
}

/** The requests of a transaction. */
interface TransactionRequests {
  initProducerId(request: { transactionalId: string; transactionTimeout: number }): Promise<ProducerIdentity>;
  addPartitionsToTxn(
    request: InTransaction & { topics: readonly { topic: string; partitions: readonly number[] }[] },
  ): Promise<unknown>;
  addOffsetsToTxn(request: InTransaction & { groupId: string }): Promise<unknown>;
  txnOffsetCommit(
    request: InTransaction & {
      groupId: string;
      topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
    },
  ): Promise<unknown>;
  endTxn(request: InTransaction & { transactionResult: boolean }): Promise<unknown>;
  produce(
    request: InTransaction & {
      acks: -1;
      timeout: number;
      compression: number;
      topicData: readonly {
        topic: string;
        partitions: readonly { partition: number; firstSequence: number; messages: PartitionRecords }[];
      }[];
    },
  ): Promise<{ topics: { partitions: { partition: number; baseOffset: string }[] }[] }>;
}

/** Who a transactional producer is to the brokers: a new epoch fences the ones before it. */
export interface ProducerIdentity {
  readonly producerId: string;
  readonly producerEpoch: number;
}

type InTransaction = ProducerIdentity & { readonly transactionalId: string };

export interface KafkaBroker extends Omit<Broker, "metadata" | "fetch" | "produce">, TransactionRequests {
  metadata(topics: readonly string[]): Promise<ClusterMetadata>;
  joinGroup(request: { readonly memberId: string }): Promise<unknown>;
  leaveGroup(request: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
  listOffsets(request: {
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>;
  describeConfigs(request: { resources: { type: number; name: string; configNames: string[] }[] }): Promise<{
    resources: { resourceName: string; configEntries: { configName: string; configValue: string }[] }[];
  }>;
  fetch(request: {
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    isolationLevel: number;
    rackId: string;
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
  }): Promise<{
    responses: { topicName: string; partitions: { partition: number; messages: FetchedRecords[] }[] }[];
  }>;
}

export interface ClusterMetadata {
  readonly clusterId?: string;
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly topicMetadata: readonly {
    readonly topic: string;
    readonly isInternal?: boolean;
    readonly partitionMetadata: readonly {
      readonly partitionId: number;
      readonly leader: number;
      readonly replicas: readonly number[];
    }[];
  }[];
}

/** A kafkajs client and the clusters it made, in order: one per producer, consumer or admin. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly clusters: readonly KafkaCluster[];
  /** What is asked of the brokers at the moment. */
  readonly requests: Requests;
}

/** Where the brokers are and how to speak to them, read from a connection's settings. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  /** For people: `127.0.0.1:9092, …`. */
  readonly address: string;
  readonly clientId: string;
  readonly tls: boolean;
  /** PEM of who signed the brokers' certificates, where the system does not know it. */
  readonly certificate?: string | undefined;
  readonly sasl: SASLOptions | undefined;
  readonly log: TransportOptions["log"];
}

const connectionTimeoutMs = 3_000;

/** Reads the settings of a connection. @throws TransportError when no broker's address is known. */
export function readSettings(options: TransportOptions): KafkaSettings {
  const text = (name: string) =>
    typeof options.config[name] === "string" ? (options.config[name] as string).trim() : "";
  const brokers = (text("brokers") || options.environment.kafkaBrokers || "")
    .split(",")
    .map((broker) => broker.trim())
    .filter((broker) => broker !== "");
  if (brokers.length === 0) {
    throw new TransportError({
      code: "connection-incomplete",
      message: `The connection ${options.name} has no broker address: fill in "brokers", or start with KAFKA_BROKERS.`,
    });
  }
  const mechanism = text("mechanism");
  const credentials = { username: text("username"), password: options.secrets.password ?? "" };
  const sasl: SASLOptions | undefined =
    mechanism === "plain" || mechanism === "scram-sha-256" || mechanism === "scram-sha-512"
      ? ({ mechanism, ...credentials } as SASLOptions)
      : undefined;
  return {
    brokers,
    address: brokers.join(", "),
    clientId: text("clientId") || "millrace",
    tls: options.config.tls === true,
    certificate: readCertificate(options.config),
    sasl,
    log: options.log,
  };
}

/**
 * A client of its own. Few retries inside kafkajs: whoever uses it keeps trying itself, and can say meanwhile that the
 * broker is away. kafkajs keeps committed offsets per client, so two consumers must not share one.
 */
export function createClient(settings: KafkaSettings): KafkaClient {
  const kafka = new Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ssl: settings.tls && tlsOptions(settings.certificate),
    socketFactory: openSocket,
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestPatienceMs,
    retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 1_000 },
    logCreator: createLog(settings.log),
  });
  const clusters: KafkaCluster[] = [];
  const requests = new Requests();
  captureClusters(kafka, clusters, requests);
  return { kafka, clusters, requests };
}

type CreateCluster = (options: unknown) => KafkaCluster;

function captureClusters(kafka: Kafka, clusters: KafkaCluster[], requests: Requests): void {
  const holder = kafka as unknown as Record<symbol, CreateCluster>;
  const key = Object.getOwnPropertySymbols(kafka).find(
    (symbol) => symbol.description === "private:Kafka:createCluster",
  );
  const create = key === undefined ? undefined : holder[key];
  if (key === undefined || create === undefined) throw new Error("kafkajs has changed: its cluster cannot be reached");
  holder[key] = (options) => {
    const cluster = create(options);
    fitCluster(cluster, requests);
    clusters.push(cluster);
    return cluster;
  };
}

const repeatAfterMs = 10_000;
const repeatAtMostMs = 600_000;
/** kafkajs: 1 = errors, 2 = warnings. */
const errorLevel = 1;

/** kafkajs's own log: its errors only, as warnings, never its extra fields. One that goes on is told ever more seldom. */
function createLog(log: TransportOptions["log"]): () => (entry: LogEntry) => void {
  const seen = new Map<string, { toldAt: number; quietMs: number }>();
  return () => (entry) => {
    const message = entry.log.message.slice(0, 300);
    if (entry.level > errorLevel || message.startsWith("Response ")) return;
    const now = Date.now();
    const told = seen.get(message);
    const silentMs = told ? now - told.toldAt : Number.POSITIVE_INFINITY;
    if (told && silentMs < told.quietMs) return;
    if (seen.size > 200) seen.clear();
    // Twice as long as it was kept quiet, and it would have come: it has ended, and begins anew.
    const goesOn = told !== undefined && silentMs < 2 * told.quietMs;
    seen.set(message, { toldAt: now, quietMs: goesOn ? Math.min(told.quietMs * 2, repeatAtMostMs) : repeatAfterMs });
    log("warn", `kafka client: ${message}`);
  };
}

interface LogEntry {
  readonly level: number;
  readonly log: { readonly message: string };
}

const passingAttempts = 8;
const passingPauseMs = 150;

/**
 * Runs a question to the broker, again while the cluster is choosing leaders and once more when its connection turns out to be
 * an old one. @throws TransportError
 */
export async function ask<T>(
  settings: KafkaSettings,
  place: string | undefined,
  question: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await question();
    } catch (error) {
      if (error instanceof TransportError) throw error;
      const isStale = attempt === 1 && findRoot(error).name === "KafkaJSConnectionClosedError";
      if (!isStale && !(isPassing(error) && attempt < passingAttempts)) {
        throw new TransportError(causeOf(error, settings.address, place), { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, passingPauseMs));
    }
  }
}
