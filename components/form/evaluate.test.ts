import { expect, it } from "vitest";
import { generateKeyVariables, generateVariables } from "@/flow/nodes/generate-source";
import { evaluateOn } from "./evaluate";

const message = { values: { body: { id: "o-1", price: 5, vip: true }, key: null, headers: {}, meta: {} }, words: "it" };
const names = ["body", "key", "headers", "meta"];
const evaluate = (source: string, expects: "bool" | "any", variables: readonly string[] = names) =>
  evaluateOn(source, { holes: false, scope: message, variables, expects });

it("shows true and false of a condition, and in words what is neither", async () => {
  expect(await evaluate("body.vip", "bool")).toEqual({ ok: true, text: "true" });
  expect(await evaluate("body.price", "bool")).toMatchObject({
    ok: false,
    message: expect.stringMatching(/^True or false is needed here; this gives a number\./),
  });
  expect(await evaluate("body.price", "any")).toEqual({ ok: true, text: "5" });
});

it("tries a generator's expressions with its own functions", async () => {
  const body = "{'id': 'o-' + n, 'country': pick(['DE']), 'low': random() < 1.0, 'at': size(now)}";
  expect(await evaluate(body, "any", generateVariables)).toEqual({
    ok: true,
    text: '{"id":"o-1","country":"DE","low":true,"at":24}',
  });
  expect(await evaluate("body.id + pick(['!'])", "any", generateKeyVariables)).toEqual({ ok: true, text: '"o-1!"' });
  const before = { holes: false, scope: { values: {}, words: "the first message" } };
  expect(await evaluateOn("n", { ...before, variables: generateVariables })).toEqual({ ok: true, text: "1" });
  expect(await evaluateOn("body.id", { ...before, variables: generateKeyVariables })).toBeNull();
});
