import type { HttpAnswer } from "./connection-ports";
import { maxAnswerBytes } from "./http-answer";
import { type Header, headerText, type Message } from "./message";
import { correlationHeader, replyToHeader } from "./saga/headers";
import { traceHeader } from "./trace-context";
import { encodeUtf8 } from "./utf8";
import type { Failure, StepNote } from "./verdict";

/** Of an answer: its status, as HTTP has them. An answer without it succeeded (200). */
export const replyStatusHeader = "reply-status";

/** The names that Spring for Apache Kafka has for the same two, and for the partition that the answer goes to. */
const springReplyTopic = "kafka_replyTopic";
const springCorrelation = "kafka_correlationId";
const springPartition = "kafka_replyPartition";

/** What is sent to a broker with a reply address, and whose answer is awaited. */
export interface BrokerRequest {
  /** The topic, queue or stream. */
  readonly to: string;
  /** Key, body and headers. */
  readonly message: Message;
  /** Correlation id: the same however often the same request is tried, in whichever worker. */
  readonly id: string;
  readonly timeoutMs: number;
  /** Where answers are expected, on brokers where that is a place with a name. */
  readonly replyTo?: string;
  /** Names of the headers, on Kafka. */
  readonly headerNames?: "plain" | "spring";
  /** Of a job. */
  readonly name?: string;
  /** Its failed job is worked once more. */
  readonly again?: boolean;
  /** Hears of answers to it that nobody awaits: after its time, or after another. */
  stray?(how: "late" | "repeated"): void;
}

/** How a request ended. `silent`: it was sent, and no answer came in time. A failure: it was not sent. */
export type RequestEnd =
  | { readonly is: "answered"; readonly answer: HttpAnswer; readonly note?: StepNote }
  | { readonly is: "silent" }
  | Failure;

/** What each broker's port offers to nodes that ask for something by it. */
export interface RequestPort {
  /** Never rejects. */
  request(request: BrokerRequest, signal: AbortSignal): Promise<RequestEnd>;
}

/** What is answered to whoever waits for it. */
export interface Answer {
  readonly status: number;
  /** In lower case, the content type among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/**
 * What became of an answer. `before`: the message was answered already. `gone`: who waited has left. `unasked`: the message names nobody who
 * waits. A failure: it could not be sent.
 */
export type ReplyEnd = { readonly is: "answered" | "before" | "gone" | "unasked" } | Failure;

/** Where the answer to a message goes. */
export interface ReplyAddress {
  readonly to: string;
  /** What names the request to its sender, as it came. */
  readonly correlation: readonly Header[];
  readonly partition?: number;
}

/** Reads the reply address of a message: `reply-to` and `correlation-id`, or the names of Spring for Apache Kafka. */
export function readReplyAddress(headers: readonly Header[]): ReplyAddress | undefined {
  const plain = headerText(headers, replyToHeader);
  const to = plain || headerText(headers, springReplyTopic);
  if (!to) return undefined;
  const names = plain ? [correlationHeader] : [springCorrelation, springPartition];
  const correlation = headers.filter(([name]) => names.includes(name));
  const partition = plain ? undefined : headers.find(([name]) => name === springPartition)?.[1];
  if (partition?.length !== 4) return { to, correlation };
  return { to, correlation, partition: new DataView(partition.buffer, partition.byteOffset).getInt32(0) };
}

/** The headers of a request. */
export function requestHeaders({ message, id, headerNames }: BrokerRequest, replyTo: string): Header[] {
  const [toName, idName] =
    headerNames === "spring" ? [springReplyTopic, springCorrelation] : [replyToHeader, correlationHeader];
  const own = message.headers.filter(([name]) => name !== toName && name !== idName);
  return [...own, [toName, encodeUtf8(replyTo)], [idName, encodeUtf8(id)]];
}

/** The headers of an answer. */
export function replyHeaders(address: ReplyAddress, { status, headers }: Answer): Header[] {
  const own = Object.entries(headers).map(([name, text]): Header => [name, encodeUtf8(text)]);
  return [...own, [replyStatusHeader, encodeUtf8(String(status))], ...address.correlation];
}

/** The correlation id that an answer carries, under either name. */
export function readCorrelationId(headers: readonly Header[]): string | undefined {
  return headerText(headers, correlationHeader) ?? headerText(headers, springCorrelation);
}

/** An answer as it came by a broker. One that is larger than a body may be is cut. */
export function readReply(headers: readonly Header[], value: Uint8Array | null): HttpAnswer {
  const texts = Object.fromEntries(
    headers
      .filter(([name]) => name !== traceHeader)
      .map(([name]) => [name.toLowerCase(), headerText(headers, name) ?? ""]),
  );
  const status = Number(texts[replyStatusHeader] ?? 200);
  return makeAnswer(Number.isInteger(status) && status >= 100 && status <= 599 ? status : 200, texts, value);
}

/** An answer, cut where it is larger than a body may be. What says nothing of its format is read as JSON, if it is that. */
export function makeAnswer(
  status: number,
  headers: Readonly<Record<string, string>>,
  value: Uint8Array | null,
): HttpAnswer {
  const body = value ?? new Uint8Array();
  const truncated = body.length > maxAnswerBytes;
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: truncated ? body.subarray(0, maxAnswerBytes) : body,
    truncated,
  };
}
