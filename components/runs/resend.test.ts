import { describe, expect, it } from "vitest";
import { readMessageLines } from "@/flow/message-lines";
import type { RunView } from "@/server/views";
import { noteWaiting, readResend, readSendFrom, writeCaseLine } from "./resend";

const payload = {
  key: "c-1",
  headers: [
    ["traceparent", "00-…"],
    ["tenant", "a"],
  ] as [string, string][],
  value: '{"id":1}',
  encoding: "text" as const,
  truncated: false,
};
const run = (change: object = {}, step: object = {}) =>
  ({
    source: "in",
    document: { nodes: [{ id: "in", kind: "kafka-source", config: {} }], edges: [] },
    detail: {
      steps: [{ node: "in", in: null, out: [{ port: "out", payload: 0 }], ...step }],
      payloads: [{ ...payload, ...change }],
    },
  }) as unknown as RunView;

it("tells of dead letters that what is sent from a run does not settle", () => {
  const letters = (...states: string[]) => ({ deadLetters: states.map((state) => ({ id: state, state })) }) as RunView;
  expect(noteWaiting(letters("sent", "discarded"))).toBe("");
  expect(noteWaiting(letters("waiting", "sent"))).toMatch(/^ Its dead letter goes on waiting: /);
  expect(noteWaiting(letters("waiting", "waiting"))).toMatch(/^ Its 2 dead letters go on waiting: /);
});

describe("sending a run's message again", () => {
  it("takes it as it came, without the trace that it belonged to", () =>
    expect(readResend(run())).toEqual({
      message: { key: "c-1", headers: [["tenant", "a"]], value: '{"id":1}', encoding: "text" },
    }));
  it("says why it cannot", () => {
    expect(readResend(run({ truncated: true }))).toMatchObject({ why: expect.stringContaining("beginning") });
    const notWhole = { why: expect.stringContaining("not kept whole") };
    expect(readResend(run({ partial: true }))).toMatchObject(notWhole);
    expect(readResend(run({ key: "k".repeat(1_024) }))).toMatchObject(notWhole);
    expect(readResend(run({}, { node: "delay" }))).toMatchObject({ why: expect.stringContaining("held") });
    expect(readResend({ ...run(), source: "gone" })).toMatchObject({
      why: expect.stringContaining("not in the drawing"),
    });
  });
  it("says that nothing would work it when its flow was deleted, at its source and at a step", () => {
    const deleted = { ...run(), drawing: "flow-deleted" } as RunView;
    const why = { why: expect.stringContaining("was deleted") };
    expect(readResend(deleted)).toEqual(why);
    expect(readSendFrom(deleted, 0)).toEqual(why);
    expect(readSendFrom(run({}, { in: 0 }), 0)).toMatchObject({ payload: { value: '{"id":1}' } });
  });
});

it("writes a message as a line that the page Tests reads", () => {
  for (const message of [
    { key: "c-1", headers: [["tenant", "a"]] as [string, string][], value: '{"id":1}', encoding: "text" as const },
    { key: null, headers: [], value: "plain words", encoding: "text" as const },
    { key: null, headers: [], value: "/wA=", encoding: "base64" as const },
    { key: null, headers: [], value: '{"big":9007199254740993}', encoding: "text" as const },
  ]) {
    const { messages, problems } = readMessageLines(writeCaseLine(message));
    expect(problems).toEqual([]);
    expect(messages).toHaveLength(1);
  }
});
