import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { jsonCodec } from "@/flow/codecs/json";
import { type FlowDocument, flowSchema } from "@/flow/document";
import { compileSagas } from "@/flow/saga/compile";
import { makeEvaluation, scopeOfSaga } from "@/flow/saga/evaluate";
import { beginSaga, dueAtOf, pendingCommands, statusOf, transition } from "@/flow/saga/machine";
import { compileCall } from "@/flow/saga/request";
import type { CommandResult, SagaCommand, SagaEvent, SagaState } from "@/flow/saga/state";
import { Shop } from "@/server/examples/shop";

/** The example *Place order* with its shop, by the state machine alone: no worker, no clock. */
const flow: FlowDocument = flowSchema.parse(
  JSON.parse(await readFile(new URL("place-order.flow.json", import.meta.url), "utf8")),
);
const [program] = compileSagas(flow);
if (!program) throw new Error("The example has no saga.");
const evaluation = makeEvaluation(flow, program.start);

interface Order {
  readonly id: string;
  readonly quantity: number;
  readonly total: number;
  readonly trouble: string;
}

/** Sends a command to the shop, and tells what an executor would tell. */
function send(shop: Shop, state: SagaState, { node, side, key }: SagaCommand): CommandResult {
  const request = compileCall(flow, node, side)?.render(scopeOfSaga(state));
  if (request?.call !== "http" || !request.body) throw new Error(`${node} does not ask by HTTP.`);
  const path = request.url.replace("/examples/shop/", "");
  const { answer } = shop.perform({ path, key, body: jsonCodec.decode(request.body) });
  if (answer.status === 200) return { ok: true, answer: answer.body };
  const cause = { code: "http-status", message: `The endpoint answered ${answer.status}.` };
  return { ok: false, cause, final: answer.status < 500, effect: answer.status === 500 ? "maybe" : "none" };
}

/** Runs a saga until nothing is left to do but for a person. */
function run(shop: Shop, order: Order): SagaState {
  let now = 1_000;
  let state = beginSaga(
    program!,
    evaluation,
    { id: order.id, key: order.id, body: order, headers: {}, depth: 0 },
    now,
  ).state;
  const apply = (event: SagaEvent) => {
    const next = transition(program!, evaluation, state, event, now);
    if (next.changed) state = next.state;
    return next.changed;
  };
  for (let turns = 0; turns < 200 && state.phase !== "ended"; turns++) {
    const commands = pendingCommands(state);
    for (const command of commands) {
      const { node, side, attempt } = command;
      apply({ is: "outcome", node, side, attempt, result: send(shop, state, command) });
    }
    if (commands.length > 0) continue;
    const dueAt = dueAtOf(state);
    if (statusOf(state) === "asking" || statusOf(state) === "stuck" || dueAt === null) break;
    now = Math.max(now, dueAt);
    apply({ is: "due" });
  }
  return state;
}

const makeOrder = (id: string, change: Partial<Order> = {}): Order => ({
  id,
  quantity: 2,
  total: 100.5,
  trouble: "",
  ...change,
});

it("places an order, with what each service gave in its data", () => {
  const shop = new Shop();
  const state = run(shop, makeOrder("o-1"));
  expect(state).toMatchObject({
    outcome: "completed",
    leaves: "done",
    body: { id: "o-1", reservation: "r-1", payment: "p-1", parcel: "t-1" },
  });
  expect(shop.readBooks()).toMatchObject({
    stock: { standing: 1, pieces: 2 },
    card: { standing: 1, cents: 10_050 },
    carrier: { standing: 1 },
    uneven: 0,
  });
});

it.each([
  ["stock:refuse", "compensated"],
  ["card:refuse", "compensated"],
  ["carrier:refuse", "compensated"],
  ["card:broken", "compensated"],
  ["stock:fail card:fail carrier:fail", "completed"],
  ["stock:lost card:lost carrier:lost", "completed"],
  ["carrier:broken card:undo-fail stock:undo-lost", "compensated"],
])("with the troubles %s it ends %s, and the books are even", (trouble, outcome) => {
  const shop = new Shop();
  expect(run(shop, makeOrder("o-1", { trouble })).outcome).toBe(outcome);
  const left = outcome === "completed" ? 1 : 0;
  expect(shop.readBooks()).toMatchObject({
    stock: { standing: left },
    card: { standing: left, cents: left * 10_050 },
    carrier: { standing: left },
    uneven: 0,
  });
});

it("asks a person before a large order is charged, and when a step cannot be undone: the steps before it wait", () => {
  const shop = new Shop();
  const large = run(shop, makeOrder("o-1", { total: 400 }));
  expect([statusOf(large), large.visits.at(-1)?.node]).toEqual(["asking", "approve"]);
  expect(shop.readBooks()).toMatchObject({ stock: { standing: 1 }, card: { charged: 0 } });
  const stuck = run(shop, makeOrder("o-2", { trouble: "carrier:refuse card:undo-broken" }));
  expect([statusOf(stuck), stuck.visits.find(({ node }) => node === "charge")?.undo?.state]).toEqual([
    "stuck",
    "stuck",
  ]);
  expect(shop.readOrder("o-2")).toEqual({ stock: 1, card: 1 });
});
