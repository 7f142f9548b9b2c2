import { expect, it } from "vitest";
import type { SagaEvent } from "../flow/saga/state";
import type { ActAnswer } from "./holding/ports";
import { actOnSagas } from "./saga-acts";

/** Answers what the test says, in the order in which it is asked. */
function open(answers: ActAnswer[] = []) {
  const told: [string, SagaEvent][] = [];
  let underWay = 0;
  let most = 0;
  const keeper = {
    async act(id: string, event: SagaEvent): Promise<ActAnswer> {
      const answer = answers[told.push([id, event]) - 1] ?? ({ done: true, status: "running" } as const);
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
      return answer;
    },
  };
  return { keeper, told, most: () => most };
}

it("tells each saga its acts in their order, and sagas side by side", async () => {
  const { keeper, told, most } = open();
  const retry = (saga: string, node: string) => ({ saga, event: { is: "retry" as const, node, by: "Ada" } });
  const acts = [retry("a", "one"), retry("a", "two"), retry("b", "one")];
  expect(await actOnSagas(keeper, acts)).toEqual({ outcomes: Array(3).fill({ ok: true, status: "running" }) });
  expect(told.map(([id, event]) => `${id} ${"node" in event ? event.node : ""}`)).toEqual(["a one", "b one", "a two"]);
  expect(most()).toBe(2);
});

it("says why not, with a code and the words of the saga", async () => {
  const { keeper } = open([
    { done: false, why: "ended", words: "The saga is completed." },
    { done: false, why: "not-now", words: "It is past its pivot." },
  ]);
  const event = { is: "cancel" as const, by: "Ada", reason: "r" };
  const acts = [
    { saga: "a", event },
    { saga: "b", event },
  ];
  expect(await actOnSagas(keeper, acts)).toEqual({
    outcomes: [
      { ok: false, cause: { code: "saga-ended", message: "The saga is completed." } },
      { ok: false, cause: { code: "saga-act-unfit", message: "It is past its pivot." } },
    ],
  });
});

it("reads a result as JSON that keeps long digits, and refuses what is none", async () => {
  const { keeper, told } = open();
  const complete = (result: string) => ({
    saga: "a",
    event: { is: "complete" as const, node: "n", by: "Ada", result },
  });
  const { outcomes } = await actOnSagas(keeper, [complete('{"id":12345678901234567890}'), complete("{")]);
  expect(told).toEqual([["a", { is: "complete", node: "n", by: "Ada", result: { id: 12345678901234567890n } }]]);
  expect(outcomes[1]).toMatchObject({ ok: false, cause: { code: "body-invalid" } });
});
