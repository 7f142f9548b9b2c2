/** Ten thousand dead letters of three causes: one is found, mended by a mapping and sent again, held, ended, taken up again, with the worker killed. */
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { expect, makeMark, report, signIn, test } from "./app";
import { deploy, openFlow, pickFromDeployMenu, writeInDialog } from "./drawing";
import { createTopic, produce, readTopic } from "./services";
import { flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
const [name, from, to, queueName] = [`heap-${mark}`, `heap.${mark}.in`, `heap.${mark}.out`, `heap-${mark}`];
/** By cause, so many messages. */
const counts = { amount: 4_000, country: 3_500, total: 2_500 };
type Cause = keyof typeof counts;
const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
/** A second. */
const rate = 500;

/** A message passes when its field is a number as a text; each field is looked at by a node of its own. */
function drawFlow() {
  const causes = Object.keys(counts) as Cause[];
  return {
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic: from } },
      ...causes.map((cause) => ({ id: cause, kind: "filter", config: { when: `int(body.${cause}) > 0` } })),
      { id: "out", kind: "kafka-sink", config: { topic: to } },
      {
        id: "once",
        kind: "queue-sink",
        config: { connection: "queue", queue: queueName, deduplicateFor: "1d", deduplicateBy: "body.n" },
      },
    ],
    edges: [
      { from: "in", to: "amount" },
      { from: "amount.pass", to: "country" },
      { from: "country.pass", to: "total" },
      { from: "total.pass", to: "out" },
      { from: "total.pass", to: "once" },
    ],
  };
}

interface Redrive {
  id: string;
  state: string;
  cause: string | null;
  asked: number;
  sent: number;
  failedAgain: number;
  changed: number;
  refused: number;
  left: number;
}
interface Dead {
  total: number;
  groups: { node: string; fingerprint: string; count: number }[];
}
const readDead = () => flowJson<Dead>(["dead", name]);
const readRedrives = () => flowJson<Redrive[]>(["redrives", name]);

async function killWorker(): Promise<void> {
  const [status] = await flowJson<{ workers: { pid: number }[] }[]>(["status", name]);
  expect(status?.workers).toHaveLength(1);
  process.kill(status!.workers[0]!.pid, "SIGKILL");
}

test("ten thousand dead letters of three causes are mended and sent again, and nothing of them is lost", async ({
  page,
}) => {
  test.setTimeout(300_000);
  await createTopic(from);
  await createTopic(to);
  let n = 0;
  for (const [cause, count] of Object.entries(counts)) {
    const good = { amount: "1", country: "1", total: "1" };
    const messages = Array.from({ length: count }, () => ({
      key: `k-${n}`,
      value: JSON.stringify({ ...good, [cause]: "none", n: `n${n++}` }),
    }));
    for (let at = 0; at < count; at += 1_000) await produce(from, messages.slice(at, at + 1_000));
  }
  await pushFlow(drawFlow());
  await signIn(page);
  await openFlow(page, name);
  await deploy(page);
  await expect.poll(async () => (await readDead()).total, { timeout: 90_000 }).toBe(all);

  await page.goto(`/dead-letters?flow=${name}`);
  const causes = page.getByRole("navigation", { name: "Causes" });
  for (const count of Object.values(counts)) {
    await expect(
      causes.getByRole("button", { name: `What to do with these ${count.toLocaleString("en")}` }),
    ).toBeVisible();
  }

  await test.step("one cause: mapped, tried, sent at 500 a second, held, the worker killed", async () => {
    await causes.getByRole("button", { name: "What to do with these 4,000" }).click();
    await page.getByRole("menuitem", { name: /Send all 4,000 again/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Change each message first").click();
    await dialog.getByRole("button", { name: "A whole new body" }).click();
    await writeInDialog(page, "New body", "{'n': body.n, 'amount': '7', 'country': body.country, 'total': body.total}");
    await dialog.getByLabel("At most").fill(String(rate));
    await dialog.getByRole("button", { name: "Dry run" }).click();
    const tried = dialog.getByRole("region", { name: "Dry run" });
    await expect(tried).toContainText("4,000 messages would be sent. Nothing was sent.", { timeout: 20_000 });
    await expect(tried.locator("tbody tr")).toHaveCount(10);
    await expect(tried.locator("tbody tr").first()).toContainText(/amount\s*"none"\s*"7"/);
    await dialog.getByLabel("Type 4000 to confirm").fill("4000");
    const begun = Date.now();
    await dialog.getByRole("button", { name: "Send 4,000 again" }).click();
    const strip = page.getByRole("region", { name: "Sending again" });
    await expect(strip).toContainText(/[1-9][\d,]* of 4,000 sent/, { timeout: 20_000 });
    await strip.getByRole("button", { name: "Pause" }).click();
    await expect(strip).toContainText(`Paused: ${name}`);
    const held = (await readRedrives())[0]!;
    expect(held.sent).toBeLessThan(counts.amount);
    await strip.getByRole("button", { name: "Resume" }).click();
    await expect.poll(async () => (await readRedrives())[0]!.sent, { timeout: 30_000 }).toBeGreaterThan(held.sent);
    await killWorker();
    await expect.poll(async () => (await readRedrives())[0]!.state, { timeout: 120_000 }).toBe("done");
    report("4,000 letters at 500 a second, held once, the worker killed once", Date.now() - begun);
    expect((await readRedrives())[0]).toMatchObject({
      asked: 4_000,
      sent: 4_000,
      changed: 4_000,
      failedAgain: 0,
      left: 0,
    });
    await expect(strip).toContainText("4,000 of 4,000 sent");
  });

  await test.step("another: ended in the middle, and what is left asked for again", async () => {
    const { fingerprint } = (await readDead()).groups.find(({ node }) => node === "country")!;
    const edit = "{'n': body.n, 'amount': body.amount, 'country': '7', 'total': body.total}";
    const args = ["redrive", name, "--cause", fingerprint, "--edit", edit, "--rate", String(rate)];
    await flowJson(args);
    await expect.poll(async () => (await readRedrives())[0]!.sent, { timeout: 30_000 }).toBeGreaterThan(0);
    await flowJson(["redrive-stop", (await readRedrives())[0]!.id]);
    await expect.poll(async () => (await readRedrives())[0]!.left, { timeout: 30_000 }).toBe(0);
    const first = (await readRedrives())[0]!;
    expect(first).toMatchObject({ state: "stopped", asked: counts.country });
    expect(first.sent).toBeLessThan(counts.country);
    await flowJson([...args, "--wait", "120"]);
    expect((await readRedrives())[0]).toMatchObject({ state: "done", sent: counts.country - first.sent });
  });

  await test.step("the third waits as it was", async () => {
    await page.reload();
    await expect(causes.getByRole("button", { name: "What to do with these 2,500" })).toBeVisible();
    const { total, groups } = await readDead();
    expect([total, groups.map(({ node }) => node)]).toEqual([counts.total, ["total"]]);
  });

  await test.step("the report agrees with the sinks", async () => {
    const wanted = counts.amount + counts.country;
    const ended = await readRedrives();
    expect(ended.reduce((sum, each) => sum + each.sent, 0)).toBe(wanted);
    const seen = (read: readonly { value: string | null }[]) =>
      new Set(read.map(({ value }) => (JSON.parse(value ?? "{}") as { n: string }).n));
    const arrived = await readTopic(to, (read) => read.length >= wanted && seen(read).size === wanted, 60_000);
    expect(seen(arrived).size).toBe(wanted);
    // Twice at most what was on its way when the worker was killed.
    expect(arrived.length - wanted).toBeLessThanOrEqual(2 * rate);
    const redis = new Redis(process.env.REDIS_URL!, { maxRetriesPerRequest: null });
    const queue = new Queue(queueName, { connection: redis });
    expect(await queue.getWaitingCount()).toBe(wanted);
    const jobs = (await queue.getWaiting(0, -1)) as { data: { n: string } }[];
    expect(new Set(jobs.map(({ data }) => data.n)).size).toBe(wanted);
    await queue.obliterate({ force: true });
    await queue.close();
    redis.disconnect();
  });

  await flowJson(["dead-discard", name, "--all", "--reason", "tried out"]);
  await openFlow(page, name);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v\d+ stopped/)).toBeVisible();
});
