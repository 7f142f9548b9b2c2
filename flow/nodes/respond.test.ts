import { describe, expect, it } from "vitest";
import type { Message } from "../message";
import type { Answer, ReplyEnd } from "../request-reply";
import { makeContext, makeMessage, textOf } from "../testing/node-context";
import { rejected } from "../verdict";
import { respond } from "./respond";
import { respondBehaviour } from "./respond.behaviour";

async function answer(config: object, batch: Message[], end: ReplyEnd = { is: "answered" }) {
  const answers: Answer[] = [];
  const counted: string[] = [];
  const context = {
    ...makeContext(),
    reply: async (_: Message, given: Answer) => {
      answers.push(given);
      return end;
    },
    count: (what: string) => void counted.push(what),
  };
  const sink = respondBehaviour.open(respond.config.parse(config), context);
  const verdicts = await sink.write(batch, { signal: new AbortController().signal, attempt: 1 });
  return { verdicts, answers, counted };
}

describe("the answer", () => {
  it("is the message, with 200, unless the config says otherwise", async () => {
    const { verdicts, answers } = await answer({}, [makeMessage({ id: "o-1" })]);
    expect(verdicts).toEqual([{ verdict: "done", note: { status: 200 } }]);
    expect(answers).toMatchObject([{ status: 200, headers: { "content-type": "application/json" } }]);
    expect(textOf(answers[0]!.body)).toBe('{"id":"o-1"}');
  });

  it("has status, headers, content type and body of expressions and templates", async () => {
    const config = {
      status: "body.found ? 200 : 404",
      headers: { "X-Order": "${body.id}" },
      contentType: "text/${body.kind}",
      body: "'<b>' + body.id + '</b>'",
    };
    const { answers } = await answer(config, [makeMessage({ id: "o-1", found: false, kind: "html" })]);
    expect(answers).toMatchObject([{ status: 404, headers: { "x-order": "o-1", "content-type": "text/html" } }]);
    expect(textOf(answers[0]!.body)).toBe("<b>o-1</b>");
  });

  it.each(["99", "199", "600", "200.5", "'soon'"])("refuses the status %s", async (status) => {
    const { verdicts, answers } = await answer({ status }, [makeMessage({})]);
    expect(verdicts).toMatchObject([{ verdict: "reject", cause: { code: "body-invalid" } }]);
    expect(answers).toEqual([]);
  });

  it("refuses a line break in a header, and headers that are not the flow's to set", async () => {
    const { verdicts } = await answer({ headers: { a: "${body.id}" } }, [makeMessage({ id: "x\r\nevil: 1" })]);
    expect(verdicts).toMatchObject([{ verdict: "reject", cause: { code: "body-invalid" } }]);
    await expect(answer({ headers: { "Set-Cookie": "a=b" } }, [])).rejects.toThrow("set-cookie");
    await expect(answer({ headers: { "a b": "c" } }, [])).rejects.toThrow("a b");
  });

  it("of 10 MB is refused before it is sent", async () => {
    const { verdicts, answers } = await answer({}, [makeMessage("x".repeat(10_000_000))]);
    expect(verdicts).toMatchObject([{ verdict: "reject", cause: { code: "message-too-large" } }]);
    expect(answers).toEqual([]);
  });

  it("that cannot be made leaves the others alone", async () => {
    const { verdicts } = await answer({ body: "body.n * 2" }, [makeMessage({ n: "x" }), makeMessage({ n: 2 })]);
    expect(verdicts).toMatchObject([{ verdict: "reject", cause: { code: "expression-failed" } }, { verdict: "done" }]);
  });
});

describe("who waits", () => {
  it("has left, or was answered before: done, and counted", async () => {
    const late = await answer({}, [makeMessage({})], { is: "gone" });
    expect(late.verdicts).toMatchObject([{ verdict: "done", note: { dropped: "nobody waits any more" } }]);
    expect(late.counted).toEqual(["answersLate"]);
    const second = await answer({}, [makeMessage({})], { is: "before" });
    expect(second.verdicts).toMatchObject([{ verdict: "done", note: { dropped: "answered before" } }]);
    expect(second.counted).toEqual(["answersRepeated"]);
  });

  it("is not named: rejected with the way out, or done where that is as it should be", async () => {
    const { verdicts } = await answer({}, [makeMessage({})], { is: "unasked" });
    expect(verdicts).toMatchObject([
      { verdict: "reject", cause: { code: "reply-address-missing", message: expect.stringContaining("`here`") } },
    ]);
    const ignored = await answer({ unasked: "ignore" }, [makeMessage({})], { is: "unasked" });
    expect(ignored.verdicts).toEqual([{ verdict: "done" }]);
  });

  it("cannot be reached: the failure stands", async () => {
    const failure = rejected("broker-refused", "no such topic");
    expect((await answer({}, [makeMessage({})], failure)).verdicts).toEqual([failure]);
  });
});
