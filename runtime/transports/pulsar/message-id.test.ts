import { expect, it } from "vitest";
import { formatMessageId, readMessageId, writeMessageId } from "./message-id";

it("reads what Pulsar gives", () => {
  expect(formatMessageId(readMessageId("CAkQADAA"))).toBe("9:0:-1");
  expect(formatMessageId(readMessageId("CAkQBDAA"))).toBe("9:4:-1");
  // Ledger 10, entry 5, partition 2, the second of a batch.
  expect(formatMessageId(readMessageId("CAoQBRgCIAEwAA=="))).toBe("10:5:2:1");
});

it("writes what it reads, beyond what a number holds", () => {
  for (const [ledger, entry, partition] of [
    [9n, 4n, -1],
    [2n ** 62n, 300n, 12],
    [1n, -1n, 0],
  ] as const) {
    const read = readMessageId(writeMessageId({ ledger, entry, partition }));
    expect([BigInt.asIntN(64, read.ledger), BigInt.asIntN(64, read.entry), read.partition]).toEqual([
      ledger,
      entry,
      partition,
    ]);
  }
  const inBatch = { ledger: 10n, entry: 5n, partition: 2, batchIndex: 300 };
  expect(readMessageId(writeMessageId(inBatch))).toEqual(inBatch);
});
