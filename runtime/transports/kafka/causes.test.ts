import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { causeOf } from "./causes";
import { compress, decompress } from "./compression";

type Retrier = (work: () => Promise<unknown>) => Promise<unknown>;
const createRetrier = createRequire(import.meta.url)("kafkajs/src/retry") as (options: object) => Retrier;

it.each([
  ["codec-decode", () => decompress(2, Buffer.from([5]))],
  ["codec-decode", () => decompress(5, Buffer.alloc(1))],
  ["codec-encode", () => compress(5, Buffer.alloc(1))],
])("finds %s again in what kafkajs makes of it", async (code, work) => {
  const error = await createRetrier({ retries: 0 })(work).catch((reason: unknown) => reason);
  expect(causeOf(error, "127.0.0.1:9092", "orders")).toMatchObject({
    code,
    message: expect.stringMatching(
      /^(Records in snappy cannot be decompressed: .*|Compression 5 .*)\. Topic: orders\.$/,
    ),
  });
});
