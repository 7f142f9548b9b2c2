import { expect, test } from "vitest";
import type { DeploymentLive } from "../flow/control";
import { History, type NodeDelta } from "./history";
import { silent } from "./testing";

function open() {
  const written: NodeDelta[][] = [];
  const away = { is: false };
  const store = {
    add: async (deltas: readonly NodeDelta[]) => {
      if (away.is) throw new Error("away");
      written.push([...deltas]);
    },
    forget: async () => {},
  };
  let version = 1;
  const nodes: Record<string, object> = {};
  const live = () => ({ version, nodes }) as unknown as DeploymentLive;
  const history = new History(store, () => [{ id: "d", live }], silent);
  const deploy = (next: number) => {
    version = next;
  };
  const count = (node: string, more: object) => {
    nodes[node] = { in: 0, ports: {}, failed: 0, retried: 0, dead: 0, ...more };
  };
  return { history, written, away, count, deploy };
}

test("writes what was done since the last look, and nothing of nodes that did nothing", async () => {
  const { history, written, count } = open();
  count("source", { ports: { out: 5 } });
  count("sink", { in: 4, failed: 1, p95: 12 });
  count("idle", {});
  await history.look();
  count("source", { ports: { out: 9 } });
  await history.look();
  await history.look();
  expect(written).toEqual([
    [
      { deploymentId: "d", node: "source", version: 1, messages: 5, failed: 0, retried: 0, dead: 0 },
      { deploymentId: "d", node: "sink", version: 1, messages: 4, failed: 1, retried: 0, dead: 0, p95Ms: 12 },
    ],
    [{ deploymentId: "d", node: "source", version: 1, messages: 4, failed: 0, retried: 0, dead: 0 }],
  ]);
});

test("a version that begins anew is counted from nothing", async () => {
  const { history, written, count, deploy } = open();
  count("sink", { in: 100 });
  await history.look();
  deploy(2);
  count("sink", { in: 3 });
  await history.look();
  deploy(1);
  count("sink", { in: 7 });
  await history.look();
  expect(written.flat().map(({ version, messages }) => [version, messages])).toEqual([
    [1, 100],
    [2, 3],
    [1, 7],
  ]);
});

test("what happened while the store was away is written when it is back", async () => {
  const { history, written, away, count } = open();
  count("sink", { in: 2 });
  away.is = true;
  await history.look();
  away.is = false;
  count("sink", { in: 6 });
  await history.look();
  expect(written.flat().map(({ messages }) => messages)).toEqual([6]);
});
