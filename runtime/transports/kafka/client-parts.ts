import { createRequire } from "node:module";

/**
 * The parts of kafkajs below its published entry that the seam stands on. They may change with any release, so another one
 * than ours is refused when the worker starts and not found out when messages are lost.
 */
export const pinnedVersion = "2.2.4";

/** What kafkajs makes of a kind of request: its bytes, and how the answer is read. */
export interface Protocol {
  readonly request: ProtocolRequest;
  /** Milliseconds, where an answer may take longer than usual. */
  readonly requestTimeout?: number | null;
  readonly response: {
    decode(answer: Buffer): Promise<unknown>;
    parse(decoded: unknown): Promise<unknown>;
  };
}

export interface ProtocolRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  expectResponse?(): boolean;
  encode(): Promise<unknown>;
}

/** A kind of request in all its versions. */
export interface Definition {
  readonly versions: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: what a request is made of differs by its kind.
  protocol(at: { readonly version: number }): (content: any) => Protocol;
}

/** What a cluster makes its brokers and their connections with. */
export interface ClusterInsides {
  readonly brokerPool: { createBroker(options: unknown): { lookupRequest: Lookup } };
  readonly connectionPoolBuilder: { build(address?: unknown): Promise<ConnectionPool> };
}

export type Lookup = (apiKey: number, definition: Definition) => ReturnType<Definition["protocol"]>;

export interface ConnectionPool {
  send(protocol: Protocol): Promise<unknown>;
  getConnectionByRequest(protocol: Protocol): Promise<Connection>;
  readonly pool: readonly Connection[];
}

export interface Connection {
  readonly clientId: string;
  /** `host:port`. */
  readonly broker: string;
  readonly socket: { write(bytes: Buffer): void; destroy(error: Error): void; readonly bytesRead: number };
  /** While it signs in, which is none of the requests. */
  readonly authHandlers: unknown;
  /** Called with what comes in. */
  processData(chunk: Buffer): void;
  readonly requestQueue: {
    /** Sent, by their number; kafkajs fills `sentAt` just after it has sent. */
    readonly inflight: ReadonlyMap<
      number,
      { readonly entry: { readonly apiName: string }; readonly requestTimeout: number; sentAt: number | null }
    >;
    /** Not sent yet: the broker asked for a pause. */
    readonly pending: readonly unknown[];
    /** kafkajs calls it after each answer. */
    scheduleCheckPendingRequests(): void;
    requestTimeoutIntervalId?: NodeJS.Timeout;
    /** kafkajs calls the first when a connection is there, the second when it ends. */
    scheduleRequestTimeoutCheck(): void;
    destroy(): void;
    push(request: {
      entry: {
        apiKey: number;
        apiName: string;
        apiVersion: number;
        correlationId: number;
        resolve: (answer: { payload: Buffer }) => void;
        reject: (error: unknown) => void;
      };
      expectResponse: boolean;
      requestTimeout: number | null;
      sendRequest: () => void;
    }): void;
    fulfillRequest(answer: { correlationId: number; size: number; payload: Buffer }): void;
    maybeThrottle(ms: number | undefined): void;
  };
  isConnected(): boolean;
  isAuthenticated(): boolean;
  authenticate(): Promise<void>;
  failIfNotConnected(): void;
  nextCorrelationId(): number;
}

/** A message as kafkajs's own decoders give it. */
export interface ClientMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

/** @throws Error when the installed client is another than the seam was written for. */
export function checkVersion(installed: string): void {
  if (installed === pinnedVersion) return;
  throw new Error(
    `kafkajs ${installed} is installed, and the Kafka transport is written for ${pinnedVersion} exactly: install that one.`,
  );
}

const require = createRequire(import.meta.url);

function load<T>(file: string): T {
  return require(`kafkajs/${file}`) as T;
}

checkVersion(load<{ version: string }>("package.json").version);

export const { requests } = load<{ requests: { readonly Fetch: Definition; readonly Produce: Definition } }>(
  "src/protocol/requests",
);

export const {
  Fetch: fetchKey,
  JoinGroup: joinKey,
  Produce: produceKey,
} = load<{ Fetch: number; JoinGroup: number; Produce: number }>("src/protocol/requests/apiKeys");

/** CRC-32C in JavaScript, about thirty times slower than the native one. */
export const crc32cOfClient = load<(bytes: Buffer) => number>("src/protocol/recordBatch/crc32C");

const Decoder = load<new (bytes: Buffer) => object>("src/protocol/decoder");
const decodeMessageSet = load<(decoder: object, size: number) => Promise<ClientMessage[]>>(
  "src/protocol/messageSet/decoder",
);

/** Messages in the formats before Kafka 0.11. */
export function decodeOldMessages(bytes: Buffer): Promise<ClientMessage[]> {
  return decodeMessageSet(new Decoder(bytes), bytes.length);
}
