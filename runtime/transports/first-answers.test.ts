import { expect, it } from "vitest";
import { makeMessage } from "../../flow/testing/node-context";
import { done, retryDependency, type Verdict } from "../../flow/verdict";
import { FirstAnswers } from "./first-answers";

const failure = retryDependency("broker-unreachable", "away");

it("writes the first answer to a message, and no other", async () => {
  const first = new FirstAnswers();
  const written: string[] = [];
  const write = (text: string) => async () => {
    written.push(text);
    return done;
  };
  const message = makeMessage({});
  const both = await Promise.all([first.answer(message, write("a")), first.answer(message, write("b"))]);
  expect(both).toEqual([{ is: "answered" }, { is: "before" }]);
  // A letter that is sent again is the same message.
  const { lane, position } = message.meta;
  const resent = message.with({
    meta: { ...message.meta, lane: "redrive", position: "1", origin: { lane, position, part: "0", resent: true } },
  });
  expect(await first.answer(resent, write("c"))).toEqual({ is: "before" });
  expect(await first.answer(makeMessage({}, { position: "8" }), write("d"))).toEqual({ is: "answered" });
  expect(written).toEqual(["a", "d"]);
});

it("says so where the address is gone, which is an end like any other", async () => {
  const first = new FirstAnswers();
  expect(await first.answer(makeMessage({}), async () => ({ is: "gone" }))).toEqual({ is: "gone" });
  expect(await first.answer(makeMessage({}), async () => done)).toEqual({ is: "before" });
});

it("lets the second answer, when the first could not be written", async () => {
  const first = new FirstAnswers();
  let fail: (verdict: Verdict) => void = () => {};
  const one = first.answer(makeMessage({}), () => new Promise((resolve) => (fail = resolve)));
  const two = first.answer(makeMessage({}), async () => done);
  fail(failure);
  expect(await Promise.all([one, two])).toEqual([failure, { is: "answered" }]);
});
