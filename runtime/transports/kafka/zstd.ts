import zlib from "node:zlib";
import { decompress } from "fzstd";

type Transform = (input: Buffer) => Uint8Array;

/** Zstandard comes with newer releases of Node. For the others: JavaScript to read, and WebAssembly to write. */
const native = zlib as unknown as { zstdCompressSync?: Transform; zstdDecompressSync?: Transform };

export function decompressZstd(input: Buffer): Buffer {
  return toBuffer((native.zstdDecompressSync ?? decompress)(input));
}

export async function compressZstd(input: Buffer): Promise<Buffer> {
  return toBuffer((native.zstdCompressSync ?? (await loadWriter()))(input));
}

let writer: Promise<Transform> | undefined;

/** Loaded by the first flow that writes zstd. */
function loadWriter(): Promise<Transform> {
  writer ??= import("@hpcc-js/wasm-zstd").then(async ({ Zstd }) => {
    const zstd = await Zstd.load();
    return (input) => zstd.compress(input);
  });
  return writer;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
