/** The page of one run: hundreds of steps, walked through; a message as table, its headers, what led to a failure. Markup stays text. */
import type { Locator, Page } from "@playwright/test";
import { addressOfApp, expect, makeMark, report, signIn, test } from "./app";
import { findGrave } from "./axe";
import { chooseNode, inspector, nodeCard, openFlow } from "./drawing";
import { createTopic, produce } from "./services";
import { flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url);

const picture = async (page: Page, of: string) => {
  if (!process.env.MILLRACE_PICTURES) return;
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${process.env.MILLRACE_PICTURES}/${of}-${scheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
};

interface Found {
  runs: { id: string; key: string | null }[];
}

async function findRun(flow: string, key: string): Promise<string> {
  const read = async () => (await flowJson<Found>(["runs", flow, "--key", key])).runs[0]?.id ?? "";
  await expect.poll(read, { timeout: 30_000 }).not.toBe("");
  return read();
}

/** Parts of the page that must agree on what is chosen. */
function partsOf(page: Page) {
  const list = page.getByRole("complementary", { name: "Steps of the run" });
  const panel = page.getByRole("complementary", { name: "Step", exact: true });
  return {
    list,
    panel,
    axis: page.getByRole("region", { name: "Time", exact: true }),
    current: list.locator("[aria-current=step]"),
    visit: panel.getByRole("navigation", { name: "Visits" }),
  };
}

test("hundreds of steps are walked through; a step tells its message, its headers and what led to its failure", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const [name, topic] = [`parts-${mark}`, `parts.${mark}`];
  await createTopic(topic);
  await pushFlow({
    name,
    title: `Parts ${mark}`,
    settings: { trace: { share: 1 } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic } },
      { id: "split", kind: "split", config: { items: "body.lines" } },
      { id: "check", kind: "filter", config: { when: "int(body.amount) > 0" } },
      { id: "mend", kind: "filter", config: { when: "int(body.price) > 0" } },
      { id: "log", kind: "log", config: {} },
    ],
    edges: [
      { from: "in", to: "split" },
      { from: "split", to: "check" },
      { from: "check.pass", to: "log" },
      { from: "check.error", to: "mend" },
      { from: "mend.pass", to: "log" },
    ],
  });
  await flowJson(["deploy", name, "--wait", "30"]);
  const order = (lines: number, id: string) => ({
    key: id,
    value: JSON.stringify({
      id,
      customer: { name: "Mira Keller", city: "Köln" },
      lines: Array.from({ length: lines }, (_, n) => ({
        sku: `sku-${n}`,
        amount: n === 41 ? "none" : String(n + 1),
        price: n === 41 ? "none" : "2",
        ...(n % 3 === 0 ? { gift: true } : {}),
      })),
    }),
    headers: { tenant: "north", [`note-${mark}`]: "n".repeat(3_000) },
  });
  await produce(topic, [order(300, `small-${mark}`), order(1_500, `large-${mark}`)]);
  await signIn(page);
  const { list, panel, axis, current, visit } = partsOf(page);

  await test.step("it opens where it failed, with what went wrong before", async () => {
    await page.goto(`/runs/${await findRun(name, `small-${mark}`)}`);
    await expect(list.getByRole("heading", { name: /^Steps/ })).toHaveText("Steps 602");
    await expect(panel.getByRole("heading", { level: 2 })).toHaveText("Mend");
    const chain = panel.getByRole("list", { name: "Earlier causes" });
    await expect(chain).toContainText("expression-failed");
    await expect(panel.getByRole("alert")).toContainText("Open its dead letter");
    await expect(page.locator("header")).toContainText("Failed at Mend");
    await expect(panel.getByRole("region", { name: "In", exact: true })).toContainText("sku-41");
    await picture(page, "run-failed");
    expect(await findGrave(page)).toEqual([]);
  });

  await test.step("only what is in sight is in the page, and list, axis and drawing agree", async () => {
    expect(await list.locator("[data-step]").count()).toBeLessThan(60);
    await nodeCard(page, "check").locator(".node-title").click();
    await expect(visit).toContainText("visit 42 of 300");
    await expect(current).toBeInViewport({ ratio: 1 });
    await visit.getByRole("button", { name: "Next visit" }).click();
    await expect(visit).toContainText("visit 43 of 300");
    await visit.getByRole("button", { name: "Previous visit" }).click();
    await visit.getByRole("button", { name: "Previous visit" }).click();
    await expect(visit).toContainText("visit 41 of 300");
    await expect(current).toContainText("41");
    await expect(axis.getByRole("button", { name: /^Check 41, attempt 1/ })).toBeInViewport();
    await expect(page.locator(".react-flow__node.selected").locator("[data-node-id=check]")).toBeInViewport();
    await picture(page, "run-visit");
    await page.reload();
    await expect(visit).toContainText("visit 41 of 300");
    await expect(current).toBeInViewport({ ratio: 1 });
  });

  await test.step("keys walk the list as fast as they are pressed", async () => {
    await current.focus();
    const before = performance.now();
    for (let press = 0; press < 40; press++) await page.keyboard.press("ArrowDown");
    await expect(visit).toContainText("visit 81 of 300");
    report("forty steps by the arrow key", performance.now() - before);
    await expect(current).toBeFocused();
    await page.keyboard.press("End");
    await expect(current).toBeInViewport({ ratio: 1 });
    await page.keyboard.press("Home");
    await expect(current).toContainText(`parts.${mark}`);
  });

  await test.step("the message as a table, headers in and out", async () => {
    await nodeCard(page, "split").locator(".node-title").click();
    await panel.getByRole("button", { name: "Table", exact: true }).click();
    const input = panel.getByRole("region", { name: "In", exact: true });
    await expect(input.getByRole("columnheader", { name: "Field" }).first()).toBeVisible();
    await expect(input).toContainText("Mira Keller");
    const out = panel.getByRole("region", { name: "Out", exact: true });
    await expect(out.getByRole("navigation", { name: "Messages" })).toContainText("message 1 of 100");
    await expect(out).toContainText("and 200 more");
    await out.getByRole("button", { name: "Next message" }).click();
    await expect(out.getByRole("table")).toContainText("sku-1");
    await picture(page, "run-table");
    await panel.getByRole("tab", { name: /^Headers/ }).click();
    await expect(panel.getByRole("region", { name: "Headers in" })).toContainText("cut: its beginning, of 3 kB");
    const left = panel.getByRole("region", { name: "Headers out" });
    await expect(left.getByText("split-index", { exact: true })).toBeVisible();
    await expect(left.getByText("1", { exact: true })).toBeVisible();
    await picture(page, "run-headers");
    expect(await findGrave(page)).toEqual([]);
    await panel.getByRole("tab", { name: "Payload" }).click();
  });

  await test.step("what was not kept is told", async () => {
    await nodeCard(page, "log").locator(".node-title").click();
    await current.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await expect(panel).toContainText("Nothing was kept of this message: a run keeps 100 payloads.");
    await page.goto(`/runs/${await findRun(name, `large-${mark}`)}`);
    await expect(list).toContainText("A run keeps 1,000 steps");
    await expect(list).toContainText("2,001 more ran.");
    await nodeCard(page, "in").locator(".node-title").click();
    await expect(panel).toContainText("the first 16 kB of");
    await expect(panel.getByRole("link", { name: new RegExp(`^parts.${mark}/\\d @ \\d$`) })).toBeVisible();
    await picture(page, "run-large");
  });

  await test.step("a run of a deleted flow opens, and links to no flow", async () => {
    await flowJson(["stop", name]);
    const removed = await page.request.post("/api/trpc/flows.remove", {
      data: { json: { name } },
      headers: { origin: addressOfApp() },
    });
    expect(removed.ok(), await removed.text()).toBe(true);
    await page.reload();
    await expect(page.getByText("The drawing of this run is gone")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("deleted");
    await expect(page.locator(`a[href^="/flows/${name}"]`)).toHaveCount(0);
    await expect(list.locator("[data-step]").first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Send from here" })).toHaveCount(0);
    await page.locator("header").getByRole("button", { name: "More" }).click();
    await expect(page.getByRole("menuitem", { name: "Send again from its source" })).toHaveAttribute("aria-disabled");
    await expect(page.getByRole("menu")).toContainText("The flow was deleted, so nothing would work it.");
    await picture(page, "run-deleted");
    await page.keyboard.press("Escape");
  });
});

declare global {
  interface Window {
    /** Set by markup that was taken for such. */
    wasRun?: string;
  }
}

const image = (where: string) => `<img src=x onerror="window.wasRun='${where}'">`;
const script = (where: string) => `<script>window.wasRun='${where}';alert(1)</script>`;

test("markup in every key, header, field and value is shown as text, and nothing of it runs", async ({ page }) => {
  test.setTimeout(120_000);
  const [name, topic] = [`markup-${mark}`, `markup.${mark}`];
  const key = `${image("key")} k-${mark}`;
  await createTopic(topic);
  const field = `${image("field")}`;
  await pushFlow({
    name,
    settings: { trace: { share: 1 } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic } },
      { id: "add", kind: "map", config: { set: { added: "body.text" } } },
      { id: "check", kind: "filter", config: { when: "int(body.text) > 0" } },
      { id: "log", kind: "log", config: {} },
    ],
    edges: [
      { from: "in", to: "add" },
      { from: "add", to: "check" },
      { from: "check.pass", to: "log" },
    ],
  });
  await flowJson(["deploy", name, "--wait", "30"]);
  const value = { text: script("value"), [field]: image("inner"), list: [{ [script("column")]: script("cell") }] };
  await produce(topic, [
    {
      key,
      value: JSON.stringify(value),
      headers: { [image("header")]: script("header value"), plain: image("plain header") },
    },
  ]);
  const id = await findRun(name, key);
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const expectAsText = async (place: Locator, ...texts: string[]) => {
    for (const text of texts) await expect(place).toContainText(text);
    expect(await page.evaluate(() => window.wasRun)).toBeUndefined();
    expect(await page.locator("img[src=x]").count()).toBe(0);
    expect(dialogs).toEqual([]);
  };
  await signIn(page);
  const { panel, list } = partsOf(page);

  await test.step("on the run's page, in each view", async () => {
    await page.goto(`/runs/${id}`);
    await nodeCard(page, "add").locator(".node-title").click();
    await expectAsText(page.locator("header"), key);
    await panel.getByRole("button", { name: "Raw", exact: true }).click();
    await expectAsText(panel, "<script>window.wasRun='value'", "onerror=\\\"window.wasRun='inner'");
    await panel.getByRole("button", { name: "Tree", exact: true }).click();
    await expectAsText(panel, "<script>window.wasRun='value'", field);
    await panel.getByRole("button", { name: "Table", exact: true }).click();
    await expectAsText(panel, script("value"), field, image("inner"), script("column"), script("cell"));
    await panel.getByRole("button", { name: "Difference", exact: true }).click();
    await expectAsText(panel, "<script>window.wasRun='value'");
    await picture(page, "run-markup");
    await panel.getByRole("tab", { name: /^Headers/ }).click();
    await expectAsText(panel, image("header"), script("header value"), image("plain header"));
    await list.locator("[data-step]").last().click();
    await expectAsText(panel, image("header"));
  });

  await test.step("in lists of runs and dead letters", async () => {
    await page.goto(`/flows/${name}/runs`);
    await expectAsText(page.locator("tbody"), key);
    await page.goto("/runs");
    await page.getByRole("searchbox", { name: "Find a message" }).fill(key);
    await expect(page.locator("tbody tr")).toHaveCount(1);
    await expectAsText(page.locator("tbody"), key);
    await page.goto(`/dead-letters?flow=${name}`);
    await page.locator("tbody tr").first().getByText(key).click();
    const letter = page.getByRole("complementary", { name: "Dead letter" });
    await expectAsText(letter, key, "<script>window.wasRun='value'", field);
    await letter.getByRole("button", { name: "Table", exact: true }).click();
    await expectAsText(letter, script("value"), script("column"));
    await letter.getByRole("tab", { name: /^Headers/ }).click();
    await expectAsText(letter, image("header"), script("header value"));
    await letter.getByRole("button", { name: "Edit and send…" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectAsText(page.getByRole("dialog"));
    await page.keyboard.press("Escape");
  });

  await test.step("in the messages of the topic", async () => {
    await page.goto(`/brokers?connection=kafka&place=${topic}`);
    const place = page.getByRole("complementary", { name: `Newest messages of ${topic}` });
    await place.getByRole("button", { expanded: false }).first().click();
    await expectAsText(place, key, "<script>window.wasRun='value'", field, image("header"), script("header value"));
  });

  await test.step("in the designer: input and output of a node, its last messages", async () => {
    await page.setViewportSize({ width: 1600, height: 900 });
    await openFlow(page, name);
    await chooseNode(page, "add");
    await inspector(page).getByRole("button", { name: "Input and output beside the settings" }).click();
    await expectAsText(page.getByRole("region", { name: "Input" }), "<script>window.wasRun='value'", field);
    await expectAsText(page.getByRole("region", { name: "Output" }), "<script>window.wasRun='value'");
    await picture(page, "designer-markup");
    await inspector(page)
      .getByRole("tab", { name: /^Messages/ })
      .click();
    await expectAsText(inspector(page), "<script>window.wasRun='value'");
  });
  await flowJson(["stop", name]);
});

test("one trace over two flows is one page: its parts unfold in place, each with its drawing and its steps", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const [first, second] = [`leads-${mark}`, `follows-${mark}`];
  const [from, to] = [`leads.${mark}`, `follows.${mark}`];
  const settings = { trace: { share: 1 } };
  await createTopic(from);
  await createTopic(to);
  await pushFlow({
    ...{ name: first, title: `Leads ${mark}`, settings },
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic: from } },
      { id: "over", title: "Hand over", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [{ from: "in", to: "over" }],
  });
  await pushFlow({
    ...{ name: second, title: `Follows ${mark}`, settings },
    nodes: [
      { id: "got", kind: "kafka-source", config: { topic: to } },
      { id: "split", kind: "split", config: { items: "body.lines" } },
      { id: "log", kind: "log", config: {} },
    ],
    edges: [
      { from: "got", to: "split" },
      { from: "split", to: "log" },
    ],
  });
  for (const name of [first, second]) await flowJson(["deploy", name, "--wait", "30"]);
  const key = `t-${mark}`;
  await produce(from, [{ key, value: JSON.stringify({ lines: Array.from({ length: 998 }, (_, n) => n) }) }]);
  const [id, other] = [await findRun(first, key), await findRun(second, key)];
  await signIn(page);
  await page.goto(`/runs/${id}`);
  const strip = page.getByRole("navigation", { name: "The whole way of this message" });
  const part = (number: number, title: string) =>
    page.getByRole("region", { name: `Part ${number} of 2: ${title} ${mark}`, exact: true });
  const [one, two] = [part(1, "Leads"), part(2, "Follows")];
  const stepsOf = (at: Locator) => at.getByRole("complementary", { name: "Steps of the run" });

  await test.step("the whole path stands above; the part of this run is open", async () => {
    await expect(strip.getByRole("button")).toHaveCount(2);
    await expect(stepsOf(one).getByRole("heading", { name: /^Steps/ })).toHaveText("Steps 2");
    await expect(two).toBeVisible();
    await expect(stepsOf(two)).toHaveCount(0);
    await picture(page, "trace-one");
    expect(await findGrave(page)).toEqual([]);
  });

  await test.step("the next part unfolds below, and both stay open", async () => {
    await strip.getByRole("button", { name: /Follows/ }).click();
    await expect(stepsOf(two).getByRole("heading", { name: /^Steps/ })).toHaveText("Steps 1,000");
    await expect(two.locator("[data-node-id=split]")).toBeVisible();
    await expect(two.getByRole("button", { expanded: true }).first()).toBeInViewport();
    await expect(stepsOf(one)).toHaveCount(1);
    await expect(page).toHaveURL(new RegExp(`parts=${id}\\.${other}`));
    await picture(page, "trace-two");
    expect(await findGrave(page)).toEqual([]);
  });

  await test.step("a thousand steps are walked by keys, of which only those in sight are drawn", async () => {
    const rows = stepsOf(two).locator("[data-step]");
    expect(await rows.count()).toBeLessThan(60);
    const current = stepsOf(two).locator("[aria-current=step]");
    await current.focus();
    await page.keyboard.press("Home");
    for (let press = 0; press < 30; press++) await page.keyboard.press("ArrowDown");
    await expect(current).toContainText("29");
    await expect(current).toBeFocused();
    await expect(two.getByRole("complementary", { name: "Step", exact: true })).toContainText("visit 29 of 998");
    expect(await rows.count()).toBeLessThan(60);
    // The other part stays where it was.
    await expect(stepsOf(one).locator("[aria-current=step]")).toContainText("Hand over");
  });

  await test.step("the address leads to the same parts; a part is folded by its head, from the keyboard, too", async () => {
    await page.reload();
    await expect(stepsOf(two)).toHaveCount(1);
    await one.getByRole("button", { expanded: true }).first().focus();
    await page.keyboard.press("Enter");
    await expect(stepsOf(one)).toHaveCount(0);
    await expect(stepsOf(two)).toHaveCount(1);
    await two.getByRole("link", { name: "Open alone" }).click();
    await expect(page).toHaveURL(new RegExp(`/runs/${other}$`));
    await expect(stepsOf(two)).toHaveCount(1);
    await expect(stepsOf(one)).toHaveCount(0);
  });
  for (const name of [first, second]) await flowJson(["stop", name]);
});

test("five thousand headers and a body of half a megabyte leave the page quick", async ({ page }) => {
  test.setTimeout(90_000);
  const [name, topic] = [`heavy-${mark}`, `heavy.${mark}`];
  await createTopic(topic);
  await pushFlow({
    name,
    settings: { trace: { share: 1 } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic } },
      { id: "log", kind: "log", config: {} },
    ],
    edges: [{ from: "in", to: "log" }],
  });
  await flowJson(["deploy", name, "--wait", "30"]);
  const headers = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`h-${n}`, `value ${n}`]));
  await produce(topic, [
    { key: `headers-${mark}`, value: JSON.stringify({ ok: true }), headers },
    { key: `body-${mark}`, value: JSON.stringify({ field: "x".repeat(500_000) }) },
  ]);
  await signIn(page);
  const { panel } = partsOf(page);
  const tab = panel.getByRole("tab", { name: /^Headers/ });
  const ids = [await findRun(name, `headers-${mark}`), await findRun(name, `body-${mark}`)];
  await test.step("the run's page", async () => {
    await page.goto(`/runs/${ids[0]}`);
    await expect(tab).toContainText("5,00");
    const before = performance.now();
    await tab.click();
    await expect(panel).toContainText("headers were kept.");
    report("five thousand headers", performance.now() - before);
    await page.goto(`/runs/${ids[1]}`);
    await expect(panel).toContainText("the first 16 kB of 500 kB.");
    await picture(page, "run-heavy");
  });
  await test.step("the messages of the topic", async () => {
    await page.goto(`/brokers?connection=kafka&place=${topic}`);
    const place = page.getByRole("complementary", { name: `Newest messages of ${topic}` });
    const before = performance.now();
    await place.getByRole("button", { name: new RegExp(`headers-${mark}`) }).click();
    await expect(place).toContainText("value 49");
    report("five thousand headers on the topic", performance.now() - before);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
  await flowJson(["stop", name]);
});
