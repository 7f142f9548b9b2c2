import { expect, it } from "vitest";
import type { SourceHandlers } from "../../../flow/behaviour";
import { bytesCodec } from "../../../flow/codecs/bytes";
import type { Message } from "../../../flow/message";
import { KafkaLane } from "./lane";
import { RecordBatch } from "./record-batch";
import { sizeOf, writeRecords } from "./record-writer";
import { makeMessages } from "./records";

/** A batch as it was fetched, with records from an offset on. */
function makeBatch(baseOffset: number, count: number, from = baseOffset): RecordBatch {
  const records = Array.from({ length: count }, (_, index) => ({
    topic: "t",
    key: null,
    value: Buffer.from(String(baseOffset + index)),
    headers: [],
  }));
  const bytes = Buffer.alloc(records.reduce((sum, record) => sum + sizeOf(record), 0));
  const end = writeRecords(bytes, 0, records, 0, 0);
  return new RecordBatch(bytes.subarray(0, end), { baseOffset, baseTimestamp: 0, appendTime: undefined, count }, from);
}

function openLane() {
  const taken: Message[][] = [];
  let admit = () => {};
  const deliver: SourceHandlers["deliver"] = (_lane, _epoch, messages) => {
    taken.push([...messages]);
    return new Promise((resolve) => {
      admit = resolve;
    });
  };
  const handlers = { deliver } as SourceHandlers;
  const at = { name: "t/0", partition: 0, epoch: 1, begin: 0, committed: 0, high: 0 };
  const lane = new KafkaLane(at, handlers, makeMessages({ source: "in", lane: "t/0", codec: bytesCodec }));
  const goOn = async () => {
    admit();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { lane, taken, goOn };
}

const positions = (messages: readonly Message[]) => messages.map(({ meta }) => Number(meta.position));

it("hands over 1,000 at once over the bounds of batches, from the position on that was asked for", async () => {
  const { lane, taken, goOn } = openLane();
  lane.push([makeBatch(0, 10, 4), makeBatch(10, 1_100)], 1_110, 1_110);
  expect(positions(taken[0]!)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 4));
  await goOn();
  expect(positions(taken[1]!)).toEqual(Array.from({ length: 106 }, (_, index) => index + 1_004));
  expect(taken.flat().map(({ value }) => String(Buffer.from(value!)))[1_050]).toBe("1054");
});

it("counts control records behind the last message as safe when that is, and not while messages wait", async () => {
  const { lane, goOn } = openLane();
  lane.push([makeBatch(0, 1_200)], 1_205, 1_205);
  lane.settle(999);
  expect(lane.settled).toBe(1_000);
  await goOn();
  lane.settle(1_199);
  expect(lane.settled).toBe(1_205);
});

it("passes over what holds no messages", () => {
  const { lane, taken } = openLane();
  lane.push([], 3, 3);
  expect([lane.expected, lane.settled, taken.length]).toEqual([3, 3, 0]);
});

it("never counts as safe what was fetched and not handed over, when it was closed in between", () => {
  const { lane } = openLane();
  lane.push([makeBatch(0, 1_200)], 1_205, 1_205);
  lane.close();
  lane.settle(999);
  expect(lane.settled).toBe(1_000);
});
