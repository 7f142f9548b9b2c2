import type { ProblemCode } from "../../../flow/problems";
import type { Cause } from "../../../flow/verdict";
import { describeTlsFailure } from "../tls";
import { RecordsError } from "./records-error";

/** What kafkajs's errors carry beyond Error; all optional, as anything may be thrown. */
interface KafkaError {
  readonly name?: string;
  readonly message?: string;
  readonly type?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
  readonly cause?: unknown;
  readonly originalError?: unknown;
  readonly errors?: readonly unknown[];
}

/** The innermost error of a chain: kafkajs wraps what happened in "number of retries exceeded" and the like. */
export function findRoot(error: unknown): KafkaError {
  let current = (error ?? {}) as KafkaError;
  for (let depth = 0; depth < 8; depth++) {
    const inner = innerOf(current);
    if (inner === undefined || inner === current) break;
    current = inner;
  }
  return current;
}

/** The protocol's name of the error (`UNKNOWN_TOPIC_OR_PARTITION`), wherever it stands in the chain. */
export function errorType(error: unknown): string {
  let current = error as KafkaError | undefined;
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth++) {
    if (typeof current.type === "string" && current.type !== "") return current.type;
    current = innerOf(current);
  }
  return "";
}

function innerOf(error: KafkaError): KafkaError | undefined {
  const inner = error.cause ?? error.originalError ?? error.errors?.[0];
  return typeof inner === "object" && inner !== null ? inner : undefined;
}

export function isTopicMissing(error: unknown): boolean {
  return errorType(error) === "UNKNOWN_TOPIC_OR_PARTITION";
}

const passing = [
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
  "GROUP_LOAD_IN_PROGRESS",
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
];

/** What a healthy cluster answers for a moment, while a coordinator or a leader is chosen. */
export function isPassing(error: unknown): boolean {
  return passing.includes(errorType(error));
}

function findRecordsError(error: unknown): RecordsError | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth++) {
    if (current instanceof RecordsError) return current;
    current = innerOf(current as KafkaError);
  }
  return undefined;
}

/** An error of the client as a cause in words: no credentials, no payloads. `place` names the topic when one is meant. */
export function causeOf(error: unknown, brokers: string, place?: string): Cause {
  const root = findRoot(error);
  const type = errorType(error);
  const cause = (code: ProblemCode, message: string, detail?: string): Cause =>
    detail === undefined ? { code, message } : { code, message, detail };

  if (type === "UNKNOWN_TOPIC_OR_PARTITION") {
    return cause("topic-missing", `The topic ${place ?? ""} does not exist on ${brokers}.`.replace("  ", " "));
  }
  if (root.name === "KafkaJSSASLAuthenticationError" || type === "SASL_AUTHENTICATION_FAILED") {
    return cause("broker-refused", `${brokers} refused the user name or password.`);
  }
  if (type.endsWith("AUTHORIZATION_FAILED")) {
    return cause("broker-refused", `${brokers} does not let this user do that${place ? ` on ${place}` : ""}.`, type);
  }
  const unusable = findRecordsError(error);
  if (unusable !== undefined) {
    return cause(unusable.code, `${unusable.message}${place ? ` Topic: ${place}.` : ""}`);
  }
  if (type !== "" && root.retriable === false) {
    return cause("broker-refused", `Kafka at ${brokers} refused: ${describe({ message: root.message ?? type })}`, type);
  }
  return cause("broker-unreachable", `Kafka at ${brokers} cannot be reached: ${describe(root)}`);
}

function describe(root: KafkaError): string {
  const text = root.message ?? "";
  if (root.code === "ECONNREFUSED" || text.includes("ECONNREFUSED")) return "the connection was refused.";
  if (root.code === "ENOTFOUND" || text.includes("ENOTFOUND") || text.includes("EAI_AGAIN")) {
    return "the host name is not known.";
  }
  const silence = /\S.* was not answered by .* for \d+ s$/.exec(text.replace(/^Connection error: /, ""));
  if (silence) return `${silence[0].charAt(0).toLowerCase()}${silence[0].slice(1)}.`;
  const strange = /(?:it speaks TLS there|what answers there).*$/.exec(text);
  if (strange) return `${strange[0]}.`;
  if (/timed out|timeout/i.test(text)) return "it did not answer in time.";
  const ofTls = describeTlsFailure(`${root.code ?? ""} ${text}`);
  if (ofTls !== undefined) return ofTls;
  if (/closed|ECONNRESET|socket hang up|disconnected/i.test(text)) return "the connection broke.";
  return text === "" ? "the client gave no reason." : `${text.slice(0, 200)}${text.endsWith(".") ? "" : "."}`;
}
