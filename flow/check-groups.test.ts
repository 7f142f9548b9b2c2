import { expect, it } from "vitest";
import { checkFlow } from "./check";
import { diffFlows } from "./diff";
import { formatFlow, parseFlow } from "./parse";
import { drawFlow } from "./testing/drawing";

const flow = drawFlow(
  [
    ["in", "kafka-source", { topic: "orders" }],
    ["out", "log"],
  ],
  "in>out",
);
const group = (id: string, ...nodes: string[]) => ({ id, title: id, nodes });

it("groups name nodes that are there, each in one", () => {
  expect(checkFlow({ ...flow, groups: [group("a", "in", "out")] })).toEqual([]);
  const groups = [group("a", "in", "gone"), group("b", "in", "out", "out"), group("a")];
  expect(checkFlow({ ...flow, groups }).map(({ code, field, fix }) => [code, field, fix?.do])).toEqual([
    ["group-node-unknown", "groups.0", "leave-group"],
    ["group-node-twice", "groups.1", "leave-group"],
    ["group-node-twice", "groups.1", "leave-group"],
    ["group-id-duplicate", "groups.2", undefined],
  ]);
});

it("are in the file, and change nothing about what runs", () => {
  const drawn = { ...flow, groups: [{ ...group("a", "in"), color: "blue" as const }] };
  expect(parseFlow(formatFlow(drawn)).flow).toEqual(drawn);
  expect(diffFlows(flow, drawn).differs).toBe("looks");
});
