import { describe, expect, it } from "vitest";
import { readMessageLines } from "@/flow/message-lines";
import type { RunView } from "@/server/views";
import { readResend, writeCaseLine } from "./resend";

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
    expect(readResend({ ...run(), source: "gone" })).toMatchObject({ why: expect.stringContaining("gone") });
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
