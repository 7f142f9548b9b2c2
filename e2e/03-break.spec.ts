/** What goes wrong, as a person meets it: named at its place, with the way out, and nothing lost. */
import { hostname } from "node:os";
import type { Page } from "@playwright/test";
import { addressOfApp, expect, makeMark, report, signIn, test } from "./app";
import {
  askToDeploy,
  chooseNode,
  countOnWire,
  deploy,
  expressionField,
  inspector,
  nodeCard,
  openFlow,
  pickFromDeployMenu,
  waitUntilRunning,
  waitUntilSaved,
  writeExpression,
} from "./drawing";
import { brokers, createTopic, describeTopics, findFreePort, produce, readTopic, startProxy } from "./services";
import { flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url);

async function stopFlow(page: Page): Promise<void> {
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v\d+ stopped/)).toBeVisible();
}

test("a typo is marked at its place, a missing topic is offered, and Deploy says what keeps it", async ({ page }) => {
  const [name, from, to] = [`typo-${mark}`, `typo.${mark}.in`, `typo.${mark}.out`];
  await createTopic(from);
  await pushFlow({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic: from } },
      { id: "rule", kind: "filter", config: { when: "body.country == 'DE'" } },
      { id: "out", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [
      { from: "in", to: "rule" },
      { from: "rule.pass", to: "out" },
    ],
  });
  await signIn(page);
  await openFlow(page, name);
  await chooseNode(page, "rule");
  await writeExpression(page, "Pass when", "boddy.country == 'DE'");
  const wrong = expressionField(page, "Pass when").locator(".cm-lintRange-error");
  await expect(wrong).toHaveText(/^boddy/);
  await expect(inspector(page).locator("p.text-bad").filter({ hasText: "boddy" }).first()).toContainText("body");
  await expect(inspector(page)).toContainText(/boddy.*(key|headers|meta)/s);
  await expect(nodeCard(page, "rule")).toHaveAttribute("data-invalid", "true");

  let dialog = await askToDeploy(page);
  const keeps = dialog.getByRole("region", { name: "What keeps it from deploying" });
  await expect(keeps.getByRole("listitem").filter({ hasText: "Rule" })).toContainText("boddy");
  await expect(keeps.getByRole("listitem").filter({ hasText: to })).toContainText("topic-missing");
  await expect(keeps.getByRole("button", { name: "Create topic" })).toBeVisible();
  await expect(dialog.getByRole("button", { name: /deploy$/i })).toBeDisabled();
  // A problem leads to its place.
  await keeps.getByRole("button").filter({ hasText: "boddy" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(expressionField(page, "Pass when")).toBeVisible();

  await writeExpression(page, "Pass when", "body.country == 'DE'");
  await expect(nodeCard(page, "rule")).not.toHaveAttribute("data-invalid");
  dialog = await askToDeploy(page);
  await dialog.getByRole("button", { name: "Create topics and deploy" }).click();
  await waitUntilRunning(page);
  expect(await describeTopics([to])).toEqual({ [to]: 4 });
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await stopFlow(page);
});

test("a wrong broker address deploys, shows degraded with its cause, and recovers by itself", async ({ page }) => {
  const [name, connection, topic] = [`far-${mark}`, `far-${mark}`, `far.${mark}`];
  const port = await findFreePort();
  await createTopic(topic);
  await produce(topic, [{ value: '{"id":"far-1"}' }]);
  await signIn(page);
  await test.step("Test says that it cannot be reached", async () => {
    await page.goto("/connections");
    await page.getByRole("button", { name: "Add connection" }).click();
    await page.getByRole("menuitem", { name: /Kafka/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill(connection);
    await dialog.getByLabel("Brokers").fill(`127.0.0.1:${port}`);
    await dialog.getByRole("button", { name: "Test" }).click();
    await expect(dialog.getByText("broker-unreachable")).toBeVisible({ timeout: 30_000 });
    await expect(dialog).toContainText(`127.0.0.1:${port}`);
    await dialog.getByRole("button", { name: "Add connection" }).click();
    await expect(page.getByText(`${connection} was added`)).toBeVisible();
  });

  await pushFlow({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection, topic } },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [{ from: "in", to: "seen" }],
  });
  await openFlow(page, name);
  const dialog = await askToDeploy(page);
  await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
  await expect(nodeCard(page, "in")).toHaveAttribute("data-state", "degraded", { timeout: 60_000 });
  await expect(nodeCard(page, "in").locator(".node-words-warn")).toContainText(`127.0.0.1:${port}`);
  await expect(dialog).toContainText("keeps trying");
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await expect(page.getByText(/v1 degraded/)).toBeVisible();

  const start = performance.now();
  const end = await startProxy(port, brokers[0]!);
  try {
    await expect(nodeCard(page, "in")).toHaveAttribute("data-state", "running", { timeout: 60_000 });
    await expect(nodeCard(page, "in").locator(".node-words-warn")).toHaveCount(0);
    report("A broker that appears: until the node runs again", performance.now() - start);
    await expect.poll(() => countOnWire(page, "in", "seen"), { timeout: 30_000 }).toBe(1);
    await stopFlow(page);
  } finally {
    await end();
  }
});

test("what waits before a service that is away stands on the wire, and what a node does at the node", async ({
  page,
}) => {
  const [name, topic] = [`behind-${mark}`, `behind.${mark}`];
  await createTopic(topic);
  await produce(
    topic,
    Array.from({ length: 3_000 }, (_, n) => ({ value: `{"n":${n}}` })),
  );
  const url = `http://127.0.0.1:${await findFreePort()}/`;
  await pushFlow({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic, start: "earliest" } },
      { id: "ask", kind: "http-request", config: { url } },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [
      { from: "in", to: "ask" },
      { from: "ask", to: "seen" },
    ],
  });
  await signIn(page);
  await openFlow(page, name);
  const dialog = await askToDeploy(page);
  await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
  await expect(nodeCard(page, "ask")).toHaveAttribute("data-state", "degraded", { timeout: 60_000 });
  // It has closed by itself when all ran for a moment; else it says that it keeps trying.
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('[data-testid=wire-count][data-edge="in>ask"]')).toContainText(/k(, full| behind)/, {
    timeout: 30_000,
  });
  if (process.env.MILLRACE_PICTURES) await page.screenshot({ path: `${process.env.MILLRACE_PICTURES}/behind.png` });
  await expect(nodeCard(page, "ask").locator(".node-live")).toContainText("tried again", { timeout: 30_000 });
  await stopFlow(page);
});

test("a message that is not JSON goes to the dead letters, is mended and arrives", async ({ page }) => {
  const [name, from, to] = [`letters-${mark}`, `letters.${mark}.in`, `letters.${mark}.out`];
  await createTopic(from);
  await createTopic(to);
  const key = "one-key";
  await produce(from, [
    { key, value: '{"id":"l-1"}' },
    { key, value: '{"id":"l-2", oh no' },
    { key, value: '{"id":"l-3"}' },
  ]);
  await pushFlow({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic: from } },
      { id: "mark", kind: "map", config: { set: { marked: "true" } } },
      { id: "out", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [
      { from: "in", to: "mark" },
      { from: "mark", to: "out" },
    ],
  });
  await signIn(page);
  await openFlow(page, name);
  await deploy(page);
  // The ones behind it went on.
  await expect.poll(() => countOnWire(page, "mark", "out")).toBe(2);
  const pill = page.locator(".drawing").getByRole("link", { name: "1 dead letter" });
  await expect(pill).toBeVisible();
  await pill.click();

  await expect(page).toHaveURL(/\/dead-letters\?/);
  const row = page.locator("tbody tr");
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(/JSON/);
  await row.click();
  const panel = page.getByRole("complementary", { name: "Dead letter" });
  await expect(panel).toContainText("codec-decode");
  await expect(panel).toContainText("oh no");
  await panel.getByRole("button", { name: "Edit and send…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Body")).toHaveValue(/oh no/);
  await dialog.getByLabel("Body").fill('{"id":"l-2"}');
  await expect(dialog.getByLabel("Key")).toHaveValue(key);
  await dialog.getByLabel("Key").fill("mended-key");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.getByLabel("Name of header 1").fill("mended-by");
  await dialog.getByLabel("Value of header 1").fill("Ada");
  await dialog.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("1 message on the way")).toBeVisible();

  const read = await readTopic(to, 3);
  expect(read.map(({ value }) => JSON.parse(value ?? "") as unknown)).toEqual(
    expect.arrayContaining(["l-1", "l-2", "l-3"].map((id) => ({ id, marked: true }))),
  );
  const mended = read.find(({ value }) => value?.includes("l-2"));
  expect(mended).toMatchObject({ key: "mended-key", headers: { "mended-by": "Ada" } });
  await page.goto(`/dead-letters?flow=${name}&state=sent`);
  await expect(page.locator("tbody tr")).toContainText("Sent again");
  // The run that failed stays what it was, and asks nobody to act any more.
  await page.goto(`/flows/${name}/runs?state=dead`);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expect(page.locator("tbody tr")).toContainText("Dead letter, sent again");
  await openFlow(page, name);
  await stopFlow(page);
});

test("Notify warehouse: some fail, are tried again, and end in the dead letters", async ({ page }) => {
  await signIn(page);
  await openFlow(page, "notify-warehouse");
  await deploy(page);
  await expect(nodeCard(page, "notify").getByRole("link", { name: /dead letters/ })).toBeVisible({ timeout: 40_000 });
  await expect.poll(() => countOnWire(page, "notify", "shipped")).toBeGreaterThan(0);
  await expect(nodeCard(page, "notify").locator(".node-live")).toContainText(/p95.*tried\sagain/);

  await page.goto("/dead-letters?flow=notify-warehouse");
  const causes = page.getByRole("navigation", { name: "Causes" });
  await expect(causes).toContainText("422");
  await expect(causes).toContainText("500");
  // By keys: from row to row, what is open goes along, and one is chosen.
  await page.locator("tbody button[data-letter]").last().focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/[?&]id=/);
  const opened = page.url();
  await page.keyboard.press("ArrowUp");
  await expect(page).not.toHaveURL(opened);
  await expect(page).toHaveURL(/[?&]id=/);
  await page.keyboard.press("x");
  await expect(page.getByText("1 message chosen")).toBeVisible();
  await page.keyboard.press("x");
  await causes.getByRole("button").filter({ hasText: "500" }).first().click();
  const row = page.locator("tbody tr").last();
  await expect(row).toContainText("3");
  await row.click();
  const panel = page.getByRole("complementary", { name: "Dead letter" });
  await expect(panel).toContainText("http-status");
  await panel.getByRole("tab", { name: "About" }).click();
  await expect(panel).toContainText("Attempts3");
  await panel.getByRole("link", { name: "Open the run" }).click();

  await expect(nodeCard(page, "notify")).toHaveAttribute("data-way", "bad");
  await expect(nodeCard(page, "shipped")).toHaveAttribute("data-way", "off");
  const attempts = page.getByRole("navigation", { name: "Attempts" });
  await expect(attempts.getByRole("button")).toHaveCount(3);
  await expect(page.getByText("attempt 3 of 3").first()).toBeVisible();
  await attempts.getByRole("button", { name: "Attempt 1" }).click();
  await expect(page.getByText("It was tried again.")).toBeVisible();
  await expect(page.getByText("The shelf is jammed.")).toBeAttached();

  await openFlow(page, "notify-warehouse");
  await stopFlow(page);
});

test("Hook to queue: 202 once it is safe, 404 for what nothing serves, 413 for what is too large", async ({ page }) => {
  const post = (path: string, body: string, method = "POST") =>
    fetch(`${addressOfApp()}/in/${path}`, { method, headers: { "content-type": "application/json" }, body });
  expect((await post("orders", "{}")).status).toBe(404);

  await signIn(page);
  await openFlow(page, "hook-to-queue");
  await deploy(page);
  const taken = await post("orders", JSON.stringify({ id: "o-hook-1", quantity: 2 }));
  expect(taken.status).toBe(202);
  await expect.poll(() => countOnWire(page, "stamp", "keep")).toBe(1);
  await expect.poll(() => countOnWire(page, "post", "posted")).toBe(1);

  const unknown = await post("nowhere", "{}");
  expect(unknown.status).toBe(404);
  expect(await unknown.text()).toContain("nowhere");
  expect((await post("orders", "{}", "PUT")).status).toBe(404);
  const large = await post("orders", JSON.stringify({ id: "o-large", note: "x".repeat(2_000_000) }));
  expect(large.status).toBe(413);
  expect(await large.text()).toContain("body-too-large");

  await page.getByRole("button", { name: "Send a message" }).click();
  await page.getByRole("menuitem", { name: /Orders over HTTP/ }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("/in/orders");
  await expect(dialog.getByRole("button", { name: "Copy as curl" })).toBeVisible();
  await dialog.getByLabel("Body").fill('{"id":"o-hook-2","quantity":1}');
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  await expect(dialog.getByText("Sent", { exact: true })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await expect.poll(() => countOnWire(page, "post", "posted")).toBe(2);

  await stopFlow(page);
  await expect.poll(async () => (await post("orders", "{}")).status).toBe(404);
});

test("two tabs that change different nodes of a draft lose nothing", async ({ page, context }) => {
  const name = `tabs-${mark}`;
  await pushFlow({
    name,
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: name } },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [{ from: "hook", to: "seen" }],
  });
  await signIn(page);
  await openFlow(page, name);
  const other = await context.newPage();
  await openFlow(other, name);
  const rename = async (tab: Page, node: string, title: string) => {
    await chooseNode(tab, node);
    await inspector(tab).getByLabel("Name of the node").fill(title);
  };
  await rename(page, "hook", "Theirs");
  await waitUntilSaved(page);
  await rename(other, "seen", "Mine");
  await waitUntilSaved(other);
  for (const tab of [page, other]) {
    await expect(nodeCard(tab, "hook")).toContainText("Theirs");
    await expect(nodeCard(tab, "seen")).toContainText("Mine");
  }
  // Each takes back its own steps alone.
  await other.locator(".react-flow__pane").click({ position: { x: 40, y: 40 } });
  await other.keyboard.press("ControlOrMeta+z");
  await expect(nodeCard(other, "seen")).not.toContainText("Mine");
  await waitUntilSaved(other);
  await page.reload();
  await expect(nodeCard(page, "hook")).toContainText("Theirs");
  await expect(nodeCard(page, "seen")).not.toContainText("Mine");
});

test("a worker that is gone is said on every page, and the flow goes on when it is back", async ({ page }) => {
  await signIn(page);
  await openFlow(page, "hook-to-queue");
  await deploy(page);
  const [view] = await flowJson<{ workers: { pid: number; host: string }[] }[]>(["status", "hook-to-queue"]);
  const worker = view?.workers[0];
  expect(worker?.host, "the worker runs on this machine").toBe(hostname());
  const banner = page.getByText("No worker is running.");
  process.kill(worker!.pid, "SIGSTOP");
  try {
    await expect(banner).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(/v\d+ waiting for a worker/)).toBeVisible();
    await page.goto("/flows");
    await expect(banner).toBeVisible();
  } finally {
    process.kill(worker!.pid, "SIGCONT");
  }
  await expect(banner).toBeHidden({ timeout: 30_000 });
  await openFlow(page, "hook-to-queue");
  await waitUntilRunning(page);
  await stopFlow(page);
});
