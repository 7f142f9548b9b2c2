import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import type { DeploymentLive } from "../flow/control";
import type { QuestionHouse } from "./control-questions";
import { ControlServer } from "./control-server";
import { WorkerMetrics } from "./metrics";

const live: DeploymentLive = {
  state: "running",
  version: 1,
  revision: 1,
  nodes: {
    orders: { state: "running", since: 1, in: 3, ports: { out: 3 }, failed: 0, retried: 0, dead: 0, inFlight: 0 },
  },
  lanes: [],
  tracesDropped: 0,
};
const identity = { id: "w-1", environment: "default", host: "here", pid: 1, version: "1.2.3", label: "heavy" };
const metrics = new WorkerMetrics(
  identity,
  () => [{ flow: "orders-by-country", live: () => live }],
  () => undefined,
);

let server: ControlServer | undefined;
afterEach(() => server?.close());

async function listen(metricsToken: string | undefined, isReady = () => true): Promise<string> {
  // What is asked for here needs none of the house.
  const house = {} as QuestionHouse;
  server = new ControlServer(
    house,
    { metrics, metricsToken, isReady },
    "a secret of 16 or more",
    pino({ enabled: false }),
  );
  return server.listen("127.0.0.1");
}

describe("whoever watches over a worker", () => {
  it("reads its metrics: its flows, itself, its process", async () => {
    const answer = await fetch(`${await listen(undefined)}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    expect(text).toContain(
      'millrace_node_messages_emitted_total{flow="orders-by-country",node="orders",version="1",port="out"} 3\n',
    );
    expect(text).toContain(
      'millrace_worker_info{worker="w-1",label="heavy",version="1.2.3",environment="default"} 1\n',
    );
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  it("shows the token where one is set", async () => {
    const address = await listen("for-prometheus");
    expect((await fetch(`${address}/metrics`)).status).toBe(401);
    const ask = (token: string) => fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask("another")).status).toBe(401);
    expect((await ask("for-prometheus")).status).toBe(200);
  });

  it("hears that it lives, and whether it is ready", async () => {
    let ready = false;
    const address = await listen("for-prometheus", () => ready);
    expect((await fetch(`${address}/livez`)).status).toBe(200);
    expect((await fetch(`${address}/readyz`)).status).toBe(503);
    ready = true;
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
  });
});
