import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { checkExpression, listFunctions } from "../expression";
import { functionDocs, writeSignature } from "./function-docs";

const owners: Record<string, string> = {
  string: "text",
  list: "list",
  map: "map",
  timestamp: "time",
  duration: "duration",
};
const named = new Set(functionDocs.map(({ on, name }) => `${on} ${name}`));

it("every function that the engine has is in the table, and nothing else", () => {
  const special = [
    "has",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "orValue",
    "or",
    "hasValue",
    "value",
    "optional.of",
    "optional.none",
  ];
  const engine = new Set<string>();
  for (const signature of listFunctions()) {
    const [, owner, name = ""] = /^(?:(\w+)\.)?([\w.]+)\(/.exec(signature) ?? [];
    if (owner === "bytes") continue;
    engine.add(
      owner === undefined || owner === "math" ? `call ${owner ? `${owner}.` : ""}${name}` : `${owners[owner]} ${name}`,
    );
  }
  expect([...engine].filter((each) => !named.has(each))).toEqual([]);
  expect([...named].filter((each) => !engine.has(each) && !special.includes(each.split(" ")[1]!))).toEqual([]);
});

it("every function of the table is in the docs", () => {
  const docs = readFileSync("docs/expressions.md", "utf8");
  expect(functionDocs.filter(({ name }) => !docs.includes(name.replace("math.", ""))).map(writeSignature)).toEqual([]);
});

it("what was probably meant is said of names that are not there", () => {
  const say = (source: string) => checkExpression(source)[0]?.message;
  expect(say("boddy.total > 1")).toContain("Did you mean `body`?");
  expect(say("body.id.startWith('a')")).toContain("Did you mean `startsWith`?");
  expect(say("rond(body.total)")).toContain("Did you mean `round`?");
  expect(say("body.id.quite_another()")).not.toContain("Did you mean");
});
