import { describe, expect, it } from "vitest";
import { kinds } from "./catalog";
import { checkBegin, readNamedGroup } from "./source-group";
import { drawFlow } from "./testing/drawing";

/** Each kind whose sources may name what their broker knows them by, with the field that says it. */
const naming = [
  ["kafka-source", "groupId"],
  ["redis-stream-source", "groupId"],
  ["rabbitmq-stream-source", "groupId"],
  ["pulsar-source", "subscription"],
] as const;

const draw = (kind: string, change: object) => {
  const { config } = kinds.find((each) => each.kind === kind)!.example;
  return drawFlow(
    [
      ["in", kind, { ...(config as object), ...change }],
      ["out", "log", {}],
    ],
    "in>out",
  );
};

describe.each(naming)("%s", (kind, field) => {
  it("says by which name its broker knows it, where it has one", () => {
    const { config } = kinds.find((each) => each.kind === kind)!.example;
    const read = (group?: string) => readNamedGroup(kind, { ...(config as object), [field]: group });
    expect([read(), read(""), read("billing")]).toEqual([undefined, undefined, { group: "billing", field }]);
  });

  it("does not begin anew under a name that has its place", () => {
    const deployed = draw(kind, { [field]: "billing" });
    expect(checkBegin(deployed, deployed)).toMatchObject([
      {
        code: "begin-group-named",
        severity: "error",
        node: "in",
        field,
        message: expect.stringContaining("`billing`"),
      },
    ]);
    const warned = [{ code: "begin-group-named", severity: "warning", node: "in", field }];
    expect(checkBegin(draw(kind, { [field]: "other" }), deployed)).toMatchObject(warned);
    expect(checkBegin(draw(kind, { [field]: "billing", connection: "elsewhere" }), deployed)).toMatchObject(warned);
    expect(checkBegin(deployed, null)).toMatchObject(warned);
    expect(checkBegin(draw(kind, {}), deployed)).toEqual([]);
    const { nodes, ...rest } = deployed;
    const off = {
      ...rest,
      nodes: nodes.map((node) => (node.id === "in" ? { ...node, disabled: "drop" as const } : node)),
    };
    expect(checkBegin(off, deployed)).toEqual([]);
  });
});

it("knows no name of sources that have none", () => {
  for (const { kind, role, example } of kinds)
    if (role === "source" && !naming.some(([each]) => each === kind))
      expect(readNamedGroup(kind, example.config)).toBeUndefined();
});
