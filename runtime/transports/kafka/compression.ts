import { promisify } from "node:util";
import zlib from "node:zlib";
import kafkajs from "kafkajs";
import type { Compression } from "../../../flow/connection-ports";
import { decompressLz4 } from "./lz4";
import { compressLz4 } from "./lz4-writer";
import { RecordsError } from "./records-error";
import { decompressSnappy } from "./snappy";
import { compressSnappy } from "./snappy-writer";
import { compressZstd, decompressZstd } from "./zstd";

interface Codec {
  readonly name: Exclude<Compression, "none">;
  compress(input: Buffer): Buffer | Promise<Buffer>;
  decompress(input: Buffer): Buffer | Promise<Buffer>;
}

/** By the number that a batch's attributes have for it. */
const codecs: readonly (Codec | undefined)[] = [
  undefined,
  { name: "gzip", compress: promisify<Buffer, Buffer>(zlib.gzip), decompress: promisify<Buffer, Buffer>(zlib.unzip) },
  { name: "snappy", compress: compressSnappy, decompress: decompressSnappy },
  { name: "lz4", compress: compressLz4, decompress: decompressLz4 },
  { name: "zstd", compress: compressZstd, decompress: decompressZstd },
];

/** The number of a compression in a batch's attributes; 0 is none. */
export function compressionType(name: Compression): number {
  return name === "none" ? 0 : codecs.findIndex((codec) => codec?.name === name);
}

/** @throws RecordsError */
export async function compress(type: number, input: Buffer): Promise<Buffer> {
  const codec = findCodec(type, "codec-encode");
  try {
    return await codec.compress(input);
  } catch (error) {
    throw new RecordsError("codec-encode", `Records cannot be compressed with ${codec.name}: ${describe(error)}.`);
  }
}

/** @throws RecordsError when the bytes are damaged, or compressed in a way that nobody here knows. */
export async function decompress(type: number, input: Buffer): Promise<Buffer> {
  const codec = findCodec(type, "codec-decode");
  try {
    return await codec.decompress(input);
  } catch (error) {
    throw new RecordsError("codec-decode", `Records in ${codec.name} cannot be decompressed: ${describe(error)}.`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function findCodec(type: number, code: RecordsError["code"]): Codec {
  const codec = codecs[type];
  if (codec === undefined) throw new RecordsError(code, `Compression ${type} is not known here.`);
  return codec;
}

/** kafkajs brings gzip only. It looks up the others itself for messages in the formats before Kafka 0.11. */
for (const [type, codec] of codecs.entries()) {
  if (codec === undefined) continue;
  (kafkajs.CompressionCodecs as Record<number, unknown>)[type] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => compress(type, buffer),
    decompress: (input: Buffer) => decompress(type, input),
  });
}
