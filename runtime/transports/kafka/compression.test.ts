import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compress, compressionType, decompress } from "./compression";
import { decompressLz4 } from "./lz4";
import { decompressSnappy } from "./snappy";

/** Bytes as records have them: some repeat, near and far, some do not. */
const pieces = fc.array(
  fc.tuple(
    fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.constant(new TextEncoder().encode('{"country":"DE",'))),
    fc.integer({ min: 1, max: 200 }),
  ),
  { maxLength: 60 },
);

function join(parts: readonly (readonly [Uint8Array, number])[]): Buffer {
  return Buffer.concat(parts.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes)));
}

describe.each(["gzip", "snappy", "lz4", "zstd"] as const)("%s", (name) => {
  const type = compressionType(name);

  it("reads what it writes", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const raw = join(parts);
        expect(Buffer.compare(await decompress(type, await compress(type, raw)), raw)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it("makes records smaller, and not much larger what does not repeat", async () => {
    const json = Buffer.from(
      Array.from({ length: 5_000 }, (_, n) => `{"n":${n},"country":"DE","total":12.5}`).join(""),
    );
    expect((await compress(type, json)).length).toBeLessThan(json.length / 3);
    const noise = Buffer.from(Array.from({ length: 200_000 }, (_, n) => Math.imul(n ^ 0x5bd1e995, 0x9e3779b1) >>> 13));
    expect((await compress(type, noise)).length).toBeLessThan(noise.length * 1.01 + 100);
  });

  it("says that damaged bytes cannot be read", async () => {
    const cut = (await compress(type, Buffer.from("a".repeat(500)))).subarray(0, -5);
    await expect(decompress(type, cut)).rejects.toMatchObject({ name: "RecordsError", code: "codec-decode" });
  });
});

it("says that a compression is not known", async () => {
  const unknown = { code: "codec-decode", message: "Compression 6 is not known here." };
  await expect(decompress(6, Buffer.alloc(10))).rejects.toMatchObject(unknown);
});

describe("snappy", () => {
  it("repeats, also what it writes itself", () => {
    // Length 9, the literal "ab", then 7 bytes from 2 before: "abababa".
    const raw = Buffer.from([9, 0x04, 0x61, 0x62, 0x0d, 0x02]);
    expect(decompressSnappy(raw).toString()).toBe("ababababa");
  });

  it("takes xerial's framing", () => {
    const block = Buffer.from([2, 0x04, 0x61, 0x62]);
    const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    const length = Buffer.from([0, 0, 0, block.length]);
    expect(decompressSnappy(Buffer.concat([header, length, block, length, block])).toString()).toBe("abab");
  });

  it("refuses what points outside or ends early", () => {
    expect(() => decompressSnappy(Buffer.from([9, 0x04, 0x61, 0x62, 0x0d, 0x03]))).toThrow(RangeError);
    expect(() => decompressSnappy(Buffer.from([9, 0x04, 0x61, 0x62]))).toThrow(RangeError);
    expect(() => decompressSnappy(Buffer.from([]))).toThrow(RangeError);
  });
});

describe("lz4", () => {
  const header = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];

  it("repeats, also what it writes itself, and takes stored blocks", () => {
    // The literal "ab", 8 bytes from 2 before, then the literals "xyz".
    const packed = [0x24, 0x61, 0x62, 0x02, 0x00, 0x30, 0x78, 0x79, 0x7a];
    const stored = [0x68, 0x69];
    const frame = Buffer.from([
      ...header,
      packed.length,
      0,
      0,
      0,
      ...packed,
      stored.length,
      0,
      0,
      0x80,
      ...stored,
      0,
      0,
      0,
      0,
    ]);
    expect(decompressLz4(frame).toString()).toBe("ababababab" + "xyz" + "hi");
  });

  it("refuses what is no frame or is cut off", () => {
    expect(() => decompressLz4(Buffer.from([1, 2, 3, 4, 5, 6, 7]))).toThrow(RangeError);
    expect(() => decompressLz4(Buffer.from([...header, 9, 0, 0, 0, 0x24]))).toThrow(RangeError);
  });
});
