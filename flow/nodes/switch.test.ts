import { describe, expect, it } from "vitest";
import { makeContext, makeMessage } from "../testing/node-context";
import { emissionsOf, isFailure, type StepResult } from "../verdict";
import { type SwitchConfig, switchKind } from "./switch";
import { switchBehaviour } from "./switch.behaviour";

const cases = [
  { port: "big", when: "body.total > 100" },
  { port: "german", when: "body.country == 'DE'" },
];
function route(config: SwitchConfig, body: unknown): string[] | string {
  const message = makeMessage(body);
  const [result] = switchBehaviour
    .open(config, makeContext())
    .process([message], { signal: new AbortController().signal, attempt: 1 }) as [StepResult];
  if (isFailure(result)) return `${result.cause.code}: ${result.cause.message}`;
  return emissionsOf(result, message)!.map(({ port }) => port);
}

describe("first", () => {
  it("takes the first case that is true, from the top", () => {
    expect(route({ cases, mode: "first" }, { total: 200, country: "DE" })).toEqual(["big"]);
    expect(route({ cases, mode: "first" }, { total: 20, country: "DE" })).toEqual(["german"]);
    expect(route({ cases, mode: "first" }, { total: 20, country: "FR" })).toEqual(["otherwise"]);
  });
  it("does not ask the cases behind the one that fits", () => {
    expect(route({ cases, mode: "first" }, { total: 200, country: 49 })).toEqual(["big"]);
  });
});

it("mode all leaves by every case that is true", () => {
  expect(route({ cases, mode: "all" }, { total: 200, country: "DE" })).toEqual(["big", "german"]);
  expect(route({ cases, mode: "all" }, { total: 2, country: "FR" })).toEqual(["otherwise"]);
});

it("names the case that failed", () => {
  expect(route({ cases, mode: "all" }, { total: "much", country: "DE" })).toMatch(
    /^expression-failed: `cases\.0\.when` of node `here`/,
  );
});

describe("check", () => {
  const check = (...ports: string[]) =>
    switchKind.check!({ cases: ports.map((port) => ({ port, when: "true" })), mode: "first" });
  it("refuses two cases with one port, and ports that every switch has", () => {
    expect(check("a", "b")).toEqual([]);
    expect(check("a", "b", "a")).toMatchObject([{ code: "config-field-invalid", field: "cases.2.port" }]);
    expect(check("otherwise", "error", "in")).toHaveLength(3);
  });
  it("needs a case, and ports that can stand in a wire", () => {
    expect(switchKind.config.safeParse({ cases: [] }).success).toBe(false);
    expect(switchKind.config.safeParse({ cases: [{ port: "a.b", when: "true" }] }).success).toBe(false);
  });
});

it("draws the ports that are there while the cases are typed", () => {
  const unfinished = { cases: [{ port: "a" }, {}, { port: "a" }] } as unknown as SwitchConfig;
  expect(switchKind.ports(unfinished).out).toEqual(["a", "otherwise"]);
});
