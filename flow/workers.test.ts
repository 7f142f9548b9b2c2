import { expect, it } from "vitest";
import { explainNoWorker } from "./workers";

it("finds nothing to say where a worker has the label that is asked for", () => {
  expect(explainNoWorker(null, ["heavy", null])).toBeNull();
  expect(explainNoWorker("heavy", [null, "heavy"])).toBeNull();
});

it("names the label that nobody has, and how to start a worker with it", () => {
  for (const living of [[], [null], ["light", null]]) {
    const problem = explainNoWorker("heavy", living);
    expect(problem).toMatchObject({ code: "worker-label-missing", severity: "warning" });
    expect(problem?.message).toContain("npm run worker -- --label heavy");
  }
});

it("names the labels that there are to a flow that asks for none", () => {
  const problem = explainNoWorker(null, ["light", "heavy", "light"]);
  expect(problem?.code).toBe("worker-label-missing");
  expect(problem?.message).toContain("(`heavy`, `light`)");
});

it("tells no worker at all from no worker of the label", () => {
  expect(explainNoWorker(null, [])?.code).toBe("worker-missing");
});
