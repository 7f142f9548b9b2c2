import { readVarint } from "../message-id";
import type { MessageId, ReceivedMessage } from "../seam";

/** What a topic stores at once: a message, or a batch of them. */
export interface Entry {
  readonly id: MessageId;
  readonly messages: readonly EntryMessage[];
}

export interface EntryMessage extends Omit<ReceivedMessage, "messageId" | "redeliveryCount"> {
  /** Within a batch. */
  readonly batchIndex?: number;
}

/**
 * Reads the answer in which the admin API gives an entry. Of properties, what is not Latin-1 came as question marks.
 * @throws Error for one that is encrypted, or not as expected
 */
export function readEntry(headers: Headers, body: Buffer, partition: number): Entry {
  if (headers.get("x-pulsar-is-encrypted") === "true") throw new Error("The entry is encrypted.");
  const [ledger = "0", entry = "0"] = (headers.get("x-pulsar-message-id") ?? "").split(":");
  const id = { ledger: BigInt(ledger), entry: BigInt(entry), partition };
  const publishTime = headers.get("x-pulsar-publish-time") ?? "";
  const size = headers.get("x-pulsar-num-batch-message");
  if (size !== null) return { id, messages: readBatch(body, Number(size), publishTime) };
  const properties = headers.get("x-pulsar-property");
  const message: EntryMessage = {
    publishTime,
    payload: body.toString("base64"),
    key: headers.get("x-pulsar-partition-key"),
    ...(properties === null ? {} : { properties: JSON.parse(properties) as Record<string, string> }),
    ...(headers.get("x-pulsar-null-value") === "true" ? { isNull: true } : {}),
  };
  return { id, messages: [message] };
}

/** Before each payload stands its length and what is said about it: Pulsar's protobuf `SingleMessageMetadata`. */
function readBatch(body: Buffer, size: number, publishTime: string): EntryMessage[] {
  const messages: EntryMessage[] = [];
  let at = 0;
  for (let batchIndex = 0; batchIndex < size; batchIndex++) {
    const start = at + 4;
    const end = start + body.readUInt32BE(at);
    const { payloadSize, isGone, ...about } = readAbout(body.subarray(start, end));
    at = end + payloadSize;
    if (!isGone) messages.push({ batchIndex, publishTime, payload: body.toString("base64", end, at), ...about });
  }
  return messages;
}

function readAbout(bytes: Buffer) {
  const properties: Record<string, string> = Object.create(null);
  let key: string | undefined;
  let payloadSize = 0;
  let isGone = false;
  let isNull = false;
  for (const [field, value] of readFields(bytes)) {
    if (field === 1) {
      const [name = "", text = ""] = [...readFields(value as Buffer)].map(([, each]) => String(each));
      properties[name] = text;
    } else if (field === 2) key = String(value);
    else if (field === 3) payloadSize = Number(value);
    else if (field === 4) isGone = value === 1n;
    else if (field === 9) isNull = value === 1n;
  }
  return { payloadSize, isGone, properties, ...(key === undefined ? {} : { key }), ...(isNull ? { isNull } : {}) };
}

/** The fields of a protobuf message, of the two forms that are met here: whole numbers, and bytes. */
function* readFields(bytes: Buffer): Generator<[field: number, value: bigint | Buffer]> {
  for (let at = 0; at < bytes.length; ) {
    let tag: bigint;
    let value: bigint;
    [tag, at] = readVarint(bytes, at);
    [value, at] = readVarint(bytes, at);
    const field = Number(tag >> 3n);
    if ((tag & 7n) === 0n) yield [field, value];
    else if ((tag & 7n) === 2n) {
      const end = at + Number(value);
      yield [field, bytes.subarray(at, end)];
      at = end;
    } else throw new Error(`A form of protobuf that is not expected in a batch: ${tag & 7n}`);
  }
}
