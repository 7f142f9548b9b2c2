import { afterAll, beforeAll, expect, it } from "vitest";
import type { DeploymentLive } from "../../flow/control";
import { type Load, startLoad } from "./load";
import { openRig, type Rig, type RigWorker, servicesOfRunner, waitUntil } from "./rig";
import { auditQueue, auditTopic, type Scenario, scenarioOf, waitForArrival, waitForRest } from "./scenario";
import { type Outsider, openOutsider } from "./topics";

const services = servicesOfRunner();
/** By name the second comes before the first: nothing may depend on the order in which they are deployed. */
const scenarios = [`share-b-${Date.now()}`, `share-a-${Date.now()}`].map(scenarioOf);
let rig: Rig;
let outsider: Outsider;

beforeAll(async () => {
  outsider = await openOutsider(services.kafkaBrokers);
  rig = await openRig(services);
  for (const { topicIn, topicOut, flow } of scenarios) {
    await outsider.create(topicIn, 3);
    await outsider.create(topicOut);
    await rig.deploy(flow);
  }
}, 60_000);

afterAll(async () => {
  await rig?.close();
  await outsider?.close();
}, 60_000);

/** Lanes of each flow that each of these workers says that it has: `[[2, 1], [1, 2]]`. */
async function readLanes(workers: readonly RigWorker[]): Promise<number[][]> {
  const { prisma } = rig.database;
  const [rows, counts, deployments] = await Promise.all([
    prisma.worker.findMany(),
    prisma.liveCount.findMany(),
    prisma.deployment.findMany({ include: { flow: true } }),
  ]);
  return workers.map((worker) => {
    const { id } = rows.find(({ pid }) => pid === worker.pid()) ?? {};
    return scenarios.map(({ flow }) => {
      const deployment = deployments.find((each) => each.flow.name === flow.name);
      const count = counts.find((each) => each.workerId === id && each.deploymentId === deployment?.id);
      return (count?.live as unknown as DeploymentLive | undefined)?.lanes.length ?? 0;
    });
  });
}

const waitForLanes = (what: string, workers: readonly RigWorker[], fits: (lanes: number[][]) => boolean) =>
  waitUntil(
    what,
    async () => fits(await readLanes(workers)),
    30_000,
    async () =>
      `${JSON.stringify(await readLanes(workers))} ${workers.map((worker) => worker.log().slice(-1500)).join("\n")}`,
  );

const totals = (lanes: number[][]) => lanes.map((ofWorker) => ofWorker.reduce((sum, count) => sum + count, 0));
const isWhole = (lanes: number[][]) =>
  scenarios.every((_, flow) => totals([lanes.map((each) => each[flow]!)])[0] === 3);

async function finish(scenario: Scenario, load: Load): Promise<number> {
  const total = await load.end();
  const describeState = async () => JSON.stringify(await rig.live(scenario.flow.name));
  await waitForArrival(outsider, services.redisUrl, scenario, total, 60_000, describeState);
  await waitForRest(rig, scenario);
  await auditTopic(outsider, scenario, total);
  await auditQueue(services.redisUrl, scenario, total);
  expect(await rig.deadLetters(scenario.flow.name)).toBe(0);
  return total;
}

it("shares evenly among workers that come and are killed, moves a flow to workers of its label, and loses nothing", async () => {
  const first = rig.startWorker();
  await waitForLanes("one worker to have all", [first], ([lanes]) => lanes?.join() === "3,3");
  const second = rig.startWorker();
  const even = (each: number) => (lanes: number[][]) =>
    isWhole(lanes) && totals(lanes).every((total) => total === each);
  await waitForLanes("two workers to have three lanes each", [first, second], even(3));
  const loads = scenarios.map((scenario) => startLoad(outsider, scenario, 500, { partitions: 3 }));
  const third = rig.startWorker();
  await waitForLanes("three workers to have two lanes each", [first, second, third], even(2));
  await third.end("SIGKILL");
  await waitForLanes("the other two to take over", [first, second], even(3));

  const [moved] = scenarios as [Scenario];
  const heavy = rig.startWorker({ MILLRACE_WORKER_LABEL: "heavy" });
  await waitUntil(
    "the worker with a label",
    async () => (await rig.database.prisma.worker.count({ where: { label: "heavy" } })) === 1,
    // A process that starts beside others may take its time.
    30_000,
  );
  expect(await readLanes([heavy])).toEqual([[0, 0]]);
  await rig.deploy({ ...moved.flow, settings: { ...moved.flow.settings, workers: "heavy" } });
  await waitForLanes(
    "the flow to move",
    [heavy, first, second],
    ([own, ...others]) =>
      own?.join() === "3,0" && totals(others).every((total) => total < 3) && isWhole([own, ...others]),
  );
  // Those that it left say nothing of it any more.
  await waitUntil(
    "the others to forget it",
    async () => (await rig.live(moved.flow.name)).length === 1,
    10_000,
    async () => JSON.stringify(await rig.live(moved.flow.name)),
  );
  const counts = await Promise.all(scenarios.map((scenario, index) => finish(scenario, loads[index]!)));
  console.info(`${counts.join(" and ")} messages, none lost`);
}, 240_000);
