import zlib from "node:zlib";
import kafkajs from "kafkajs";
import { decompressLz4 } from "./lz4";
import { decompressSnappy } from "./snappy";

/**
 * kafkajs brings gzip only, and a topic in another compression would stop its consumer for good. Reading is enough: what we
 * write is not compressed. Zstandard comes with newer Node versions; where it is not there, the consumer says so and keeps
 * trying, as kafkajs's own error for it is kept.
 */
const { CompressionCodecs, CompressionTypes } = kafkajs;

type Decompress = (input: Buffer) => Buffer;

function register(type: number, name: string, decompress: Decompress): void {
  (CompressionCodecs as Record<number, unknown>)[type] = () => ({
    compress: async () => {
      throw new Error(`${name} is not written here`);
    },
    decompress: async (input: Buffer) => decompress(input),
  });
}

register(CompressionTypes.Snappy, "snappy", decompressSnappy);
register(CompressionTypes.LZ4, "lz4", decompressLz4);
const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync?: Decompress };
if (zstdDecompressSync !== undefined) register(CompressionTypes.ZSTD, "zstd", zstdDecompressSync);
