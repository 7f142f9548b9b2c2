import type { KafkaRecord } from "../../../flow/connection-ports";
import { compress } from "./compression";
import { crc32c } from "./crc32c";
import { sizeOf, writeRecords } from "./record-writer";

/** A produce request (versions 3 to 7) as kafkajs hands it on, its messages being records. */
export interface ProduceContent {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionContent[] }[];
}

export interface PartitionContent {
  readonly partition: number | string;
  readonly firstSequence?: number;
  readonly messages: { readonly records: readonly KafkaRecord[] };
}

/** What stands in front of every request. */
export interface RequestHead {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string;
}

/** The first version whose requests hold record batches. */
export const oldestProduceVersion = 3;
const magic = 2;
const transactionalFlag = 0x10;
/** From the first offset up to the records, in a partition of the request. */
const batchHeadBytes = 4 + 4 + 61;

/** One batch before it is written: its records are compressed first, as their length decides the room. */
interface Batch {
  readonly records: readonly KafkaRecord[];
  readonly base: number;
  readonly latest: number;
  readonly compressed: Buffer | undefined;
  readonly room: number;
}

/**
 * Encodes a whole request with its length in front, as it goes to the socket: one buffer, in which every byte is written once.
 * Where all records have a timestamp or none has, it is byte for byte what kafkajs makes.
 */
export async function frameProduce(content: ProduceContent, head: RequestHead, now = Date.now()): Promise<Buffer> {
  const { transactionalId = null, compression = 0 } = content;
  const batches = new Map<PartitionContent, Batch>();
  let room = 64 + roomOfText(head.clientId) + roomOfText(transactionalId ?? "");
  for (const { topic, partitions } of content.topicData) {
    room += 4 + roomOfText(topic);
    for (const partition of partitions) {
      const batch = prepare(partition.messages.records, now, compression);
      const ready = batch instanceof Promise ? await batch : batch;
      batches.set(partition, ready);
      room += batchHeadBytes + ready.room;
    }
  }
  const writer = new Writer(Buffer.allocUnsafe(room));
  writer.int32(0);
  writer.int16(head.apiKey);
  writer.int16(head.apiVersion);
  writer.int32(head.correlationId);
  writer.text(head.clientId);
  writer.text(transactionalId);
  writer.int16(content.acks);
  writer.int32(content.timeout);
  writer.int32(content.topicData.length);
  for (const { topic, partitions } of content.topicData) {
    writer.text(topic);
    writer.int32(partitions.length);
    for (const partition of partitions) {
      writer.int32(Number(partition.partition));
      writeBatch(writer, content, partition, batches.get(partition)!, now);
    }
  }
  writer.buffer.writeInt32BE(writer.at - 4, 0);
  return writer.buffer.subarray(0, writer.at);
}

function prepare(records: readonly KafkaRecord[], now: number, compression: number): Batch | Promise<Batch> {
  let room = 0;
  let base = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    const timestamp = record.timestamp ?? now;
    if (timestamp < base) base = timestamp;
    if (timestamp > latest) latest = timestamp;
    room += sizeOf(record);
  }
  if (compression === 0) return { records, base, latest, compressed: undefined, room };
  const raw = Buffer.allocUnsafe(room);
  const packing = compress(compression, raw.subarray(0, writeRecords(raw, 0, records, base, now)));
  return packing.then((compressed) => ({ records, base, latest, compressed, room: compressed.length }));
}

function writeBatch(
  writer: Writer,
  { transactionalId, producerId, producerEpoch = 0, compression = 0 }: ProduceContent,
  { firstSequence = 0 }: PartitionContent,
  { records, base, latest, compressed }: Batch,
  now: number,
): void {
  const { buffer } = writer;
  const lengthAt = writer.at;
  writer.int32(0);
  writer.int64(0n);
  const batchLengthAt = writer.at;
  writer.int32(0);
  // The leader's epoch, which the leader knows better.
  writer.int32(0);
  writer.int8(magic);
  const checksumAt = writer.at;
  writer.int32(0);
  writer.int16(compression | (transactionalId ? transactionalFlag : 0));
  writer.int32(records.length - 1);
  writer.int64(BigInt(base));
  writer.int64(BigInt(latest));
  writer.int64(toBigInt(producerId));
  writer.int16(producerEpoch);
  writer.int32(firstSequence);
  writer.int32(records.length);
  if (compressed === undefined) writer.at = writeRecords(buffer, writer.at, records, base, now);
  else writer.bytes(compressed);
  buffer.writeInt32BE(writer.at - lengthAt - 4, lengthAt);
  buffer.writeInt32BE(writer.at - batchLengthAt - 4, batchLengthAt);
  buffer.writeUInt32BE(crc32c(buffer.subarray(checksumAt + 4, writer.at)), checksumAt);
}

/** kafkajs has 64-bit numbers as text, as a number, or in a wrapper. */
function toBigInt(value: unknown): bigint {
  if (value === undefined || value === null) return -1n;
  const inner = (value as { value?: bigint }).value;
  return inner ?? BigInt(value as string | number | bigint);
}

function roomOfText(text: string): number {
  return 2 + text.length * 3;
}

class Writer {
  at = 0;
  constructor(readonly buffer: Buffer) {}

  int8(value: number): void {
    this.at = this.buffer.writeInt8(value, this.at);
  }
  int16(value: number): void {
    this.at = this.buffer.writeInt16BE(value, this.at);
  }
  int32(value: number): void {
    this.at = this.buffer.writeInt32BE(value, this.at);
  }
  int64(value: bigint): void {
    this.at = this.buffer.writeBigInt64BE(value, this.at);
  }
  text(value: string | null): void {
    const length = value === null ? -1 : this.buffer.write(value, this.at + 2);
    this.int16(length);
    if (length > 0) this.at += length;
  }
  bytes(value: Buffer): void {
    this.buffer.set(value, this.at);
    this.at += value.length;
  }
}
