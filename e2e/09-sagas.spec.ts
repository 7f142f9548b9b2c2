/** Sagas in the browser: one completed, one compensated, a stuck compensation retried, an approval by the right person, many acted on at once. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "@playwright/test";
import type { FlowDocument } from "@/flow/document";
import { addressOfApp, expect, makeMark, signIn, test } from "./app";
import { findGrave } from "./axe";
import { nameOfWire, nodeCard } from "./drawing";
import { flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url);
const example = fileURLToPath(new URL("../examples/place-order.flow.json", import.meta.url));

/** *Place order* as it ships, under a name of its own, begun by its webhook alone, and giving up a compensation after two attempts. */
function drawPlaceOrder(name: string, change: (document: FlowDocument) => FlowDocument = (same) => same): FlowDocument {
  const document = JSON.parse(readFileSync(example, "utf8")) as FlowDocument;
  const nodes = document.nodes.flatMap((node) => {
    if (node.id === "samples") return [];
    if (node.id === "hook") return [{ ...node, config: { ...node.config, path: name } }];
    const { action, compensation } = node.config;
    if (!action || !compensation) return [node];
    const calls = {
      action: { ...action, timeoutMs: 20_000 },
      compensation: { ...compensation, attempts: 2, delayMs: 50, timeoutMs: 20_000 },
    };
    return [{ ...node, config: { ...node.config, ...calls } }];
  });
  const edges = document.edges.filter(({ from }) => from !== "samples");
  return change({ ...document, name, title: `Place order ${name}`, nodes, edges });
}

async function deployPlaceOrder(name: string, change?: (document: FlowDocument) => FlowDocument): Promise<void> {
  await pushFlow(drawPlaceOrder(name, change));
  await flowJson(["deploy", name, "--wait", "60"]);
}

interface Order {
  id: string;
  total?: number;
  trouble?: string;
}

/** Sends an order to the flow's webhook, which answers when the saga is begun. */
async function order(page: Page, name: string, { id, total = 50, trouble = "" }: Order): Promise<void> {
  const answer = await page.request.post(`/in/${name}`, { data: { id, quantity: 1, total, trouble } });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** Sets switches of the example services: `{ card: { "undo-broken": 1 } }`; none: all is well again. */
async function switchShop(page: Page, switches?: object): Promise<void> {
  const address = "/examples/shop/switches";
  const answer = switches ? await page.request.post(address, { data: switches }) : await page.request.delete(address);
  expect(answer.ok()).toBe(true);
}

/** Opens the list of a flow's sagas and from there the one of a key, once it has come to this status. */
async function openSaga(page: Page, name: string, key: string, status: string): Promise<void> {
  await page.goto(`/flows/${name}/sagas?key=${key}`);
  await page
    .locator("tbody tr")
    .filter({ hasText: key })
    .getByRole("link", { name: status })
    .click({ timeout: 30_000 });
  await expect(page).toHaveURL(/\/sagas\/[0-9a-f-]{36}/);
  await expect(page.getByRole("region", { name: "Drawing of the saga" })).toBeVisible();
}

const story = (page: Page) => page.getByRole("complementary", { name: "What happened" });
const panel = (page: Page) => page.getByRole("complementary", { name: "Step" });
const time = (page: Page) => page.getByRole("region", { name: "Time" });
const wireOf = (page: Page, from: string, to: string) => page.locator(`[data-edge-id="${nameOfWire(from, to)}"]`);

/** Titles of what happened, in order. */
const titlesOf = (page: Page) => story(page).locator("[data-entry] > span:nth-of-type(1)").allTextContents();

async function expectNothingGrave(page: Page): Promise<void> {
  for (const scheme of ["dark", "light"] as const) {
    // Without motion, what is measured in the second theme is not half of the first.
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    expect(await findGrave(page)).toEqual([]);
  }
}

/** A page of somebody else with this role. */
async function comeAs(browser: Browser, admin: Page, role: "editor" | "operator"): Promise<Page> {
  const person = { name: `${role} ${mark}`, email: `${role}-${mark}@example.org`, password: "correct-horse-9" };
  const added = await admin.request.post("/api/trpc/settings.addUser", {
    data: { json: { ...person, role } },
    headers: { origin: addressOfApp() },
  });
  expect(added.ok(), await added.text()).toBe(true);
  const context = await browser.newContext({ baseURL: addressOfApp(), viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await signIn(page, person);
  return page;
}

test.beforeEach(async ({ page }) => {
  await signIn(page);
});

test.afterEach(async ({ page }) => {
  await switchShop(page);
});

test("a saga is seen completed: its way, each attempt with request and answer, its data", async ({ page }) => {
  const name = `order-done-${mark}`;
  await deployPlaceOrder(name);
  await order(page, name, { id: "o-1", trouble: "stock:lost" });
  await openSaga(page, name, "o-1", "Completed");

  for (const node of ["reserve", "charge", "book", "done"]) {
    await expect(nodeCard(page, node)).toHaveAttribute("data-way", "ok");
  }
  await expect(nodeCard(page, "approve")).toHaveAttribute("data-way", "off");
  await expect(wireOf(page, "charge", "book")).toHaveAttribute("data-way", "ok");
  await expect(wireOf(page, "large.large", "approve")).toHaveAttribute("data-way", "off");
  await expect(page.locator("[data-back=true]")).toHaveCount(0);
  expect(await titlesOf(page)).toEqual([
    "Started",
    "Reserve stock",
    "Reserve stock",
    "A large order?",
    "Charge card",
    "Book carrier",
    "Order placed",
    "Completed",
  ]);

  await test.step("what is chosen in one place is chosen in all", async () => {
    await time(page)
      .getByRole("button", { name: /^Reserve stock, attempt 1/ })
      .click();
    await expect(page).toHaveURL(/at=reserve\.do\.1$/);
    await expect(panel(page).getByRole("heading", { level: 2 })).toHaveText("Reserve stock");
    await expect(panel(page)).toContainText("500");
    await expect(panel(page)).toContainText("POST /examples/shop/stock/reserve");
    await expect(story(page).locator("[aria-current=step]")).toContainText("answered 500");
    await story(page).locator("[aria-current=step]").press("ArrowDown");
    await expect(page).toHaveURL(/at=reserve\.do\.2$/);
    await expect(panel(page)).toContainText('"reserved":true');
    await nodeCard(page, "charge").click();
    await expect(page).toHaveURL(/at=charge$/);
    await expect(story(page).locator("[aria-current=step]")).toContainText("Charge card");
  });
  await panel(page).getByRole("tab", { name: "Data" }).click();
  await expect(panel(page)).toContainText("reservation:");
  await expectNothingGrave(page);
});

test("a saga is seen compensated: what was undone, in which order, and why", async ({ page }) => {
  const name = `order-undone-${mark}`;
  await deployPlaceOrder(name);
  await order(page, name, { id: "o-2", trouble: "carrier:refuse card:undo-fail" });
  await openSaga(page, name, "o-2", "Compensated");

  await expect(page.getByText(/Was taken back\..*Book carrier failed/)).toBeVisible();
  expect(await titlesOf(page)).toEqual([
    "Started",
    "Reserve stock",
    "A large order?",
    "Charge card",
    "Book carrier",
    "Turned back",
    "Undo Charge card",
    "Undo Charge card",
    "Undo Reserve stock",
    "Compensated",
  ]);
  await expect(nodeCard(page, "book")).toHaveAttribute("data-way", "bad");
  for (const node of ["reserve", "charge"]) await expect(nodeCard(page, node)).toHaveAttribute("data-way", "undo");
  await expect(nodeCard(page, "charge").locator(".node-deed-undo")).toContainText("Undone, 2 attempts");
  await expect(wireOf(page, "charge", "book")).toHaveAttribute("data-back", "true");
  await expect(wireOf(page, "place", "reserve")).toHaveAttribute("data-back", "true");
  await expect(wireOf(page, "place.compensated", "undone")).toHaveAttribute("data-way", "undo");
  await expect(time(page).getByRole("button", { name: /^Undoing Charge card, attempt/ })).toHaveCount(2);

  await nodeCard(page, "charge").click();
  await expect(panel(page)).toContainText("/examples/shop/card/refund");
  await panel(page).getByRole("button", { name: "Action" }).click();
  await expect(panel(page)).toContainText("/examples/shop/card/charge");
  await expectNothingGrave(page);
});

test("a stuck compensation is retried by hand, and many at once", async ({ page }) => {
  const name = `order-stuck-${mark}`;
  await deployPlaceOrder(name);
  await switchShop(page, { card: { "undo-broken": 1 } });
  for (const id of ["o-3", "o-4", "o-5"]) await order(page, name, { id, trouble: "carrier:refuse" });

  await page.goto(`/flows/${name}/runs`);
  await page.getByRole("link", { name: /^Sagas/ }).click();
  const rows = page.locator("tbody tr");
  await expect(rows.filter({ hasText: "Stuck" })).toHaveCount(3, { timeout: 30_000 });
  await expect(page.getByRole("link", { name: /^Sagas 3 stuck/ })).toBeVisible({ timeout: 15_000 });
  await page.getByRole("button", { name: "Completed", exact: true }).click();
  await expect(page).toHaveURL(/status=completed/);
  await expect(page.getByText("No saga matches the filter")).toBeVisible();
  await page.getByRole("button", { name: "Remove filters" }).click();
  await expect(rows).toHaveCount(3);
  await expectNothingGrave(page);

  await test.step("it is told on the canvas, in the list of flows and on Health", async () => {
    await page.goto(`/flows/${name}`);
    await expect(nodeCard(page, "charge").getByTestId("held")).toHaveText("3 stuck", { timeout: 15_000 });
    await page.goto("/health");
    await expect(page.getByText("3 sagas are stuck")).toBeVisible({ timeout: 15_000 });
    await page.goto("/flows");
    await expect(page.getByRole("link", { name: "Runs, sagas are stuck" })).toBeVisible();
    await page
      .getByRole("row", { name: new RegExp(name) })
      .getByRole("link", { name: "Sagas are stuck" })
      .click();
    await expect(rows).toHaveCount(3);
    await expect(rows.first()).toContainText("Charge card");
  });
  await test.step("while the service is down, trying again changes nothing", async () => {
    await openSaga(page, name, "o-3", "Stuck");
    await expect(page.getByText("Charge card could not be undone.")).toBeVisible();
    await expect(panel(page).getByRole("heading", { level: 2 })).toHaveText("Charge card");
    await expect(panel(page).getByRole("navigation", { name: "Attempts" }).getByRole("button")).toHaveCount(2);
    await panel(page).getByRole("button", { name: "Retry now" }).click();
    await expect(panel(page).getByRole("navigation", { name: "Attempts" }).getByRole("button")).toHaveCount(4, {
      timeout: 20_000,
    });
    await expect(page.getByText("Charge card could not be undone.")).toBeVisible();
  });
  await test.step("once it is back, the saga ends", async () => {
    await switchShop(page);
    await panel(page).getByRole("button", { name: "Retry now" }).click();
    await expect(page.getByText("Was taken back.")).toBeVisible({ timeout: 20_000 });
    await expect(page.locator("header").getByText("Compensated")).toBeVisible();
    await expect(nodeCard(page, "reserve")).toHaveAttribute("data-way", "undo");
    expect(await titlesOf(page)).toContain("Retried");
  });
  await test.step("the others, all at once", async () => {
    await page.goto(`/flows/${name}/sagas`);
    await expect(rows).toHaveCount(3);
    await page.getByRole("checkbox", { name: "Choose all that have not ended" }).click();
    await expect(page.getByText("2 sagas chosen")).toBeVisible();
    await page.getByRole("button", { name: "Retry stuck…" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("tried at once");
    await dialog.getByRole("button", { name: "Retry 2" }).click();
    await expect(dialog).toContainText("2 sagas retried");
    await dialog.getByRole("button", { name: "Close" }).first().click();
    await expect(rows.filter({ hasText: "Compensated" })).toHaveCount(3, { timeout: 20_000 });
  });
});

test("an approval is refused to whoever lacks the role, and given by a second person who has it", async ({
  page,
  browser,
}) => {
  const name = `order-asks-${mark}`;
  await deployPlaceOrder(name);
  await order(page, name, { id: "o-6", total: 500 });
  await openSaga(page, name, "o-6", "Asks a person");
  const address = page.url();
  await expect(page.getByText("Place order o-6 for 500 €?").first()).toBeVisible();

  const editor = await comeAs(browser, page, "editor");
  await editor.goto(address);
  await expect(panel(editor).getByRole("button", { name: "Approve…" })).toBeDisabled();
  await expect(panel(editor)).toContainText("takes the word of the role operator; you have editor");
  const forced = await editor.request.post("/api/trpc/sagas.act", {
    data: { json: { ids: [address.split("/").at(-1)!.split("?")[0]], action: "approve", node: "approve" } },
    headers: { origin: addressOfApp() },
  });
  expect(await forced.text()).toContain("role-too-small");
  await editor.context().close();

  const operator = await comeAs(browser, page, "operator");
  await operator.goto(address);
  await panel(operator).getByRole("button", { name: "Approve…" }).click();
  const dialog = operator.getByRole("dialog");
  await expect(dialog).toContainText("Place order o-6 for 500 €?");
  await dialog.getByLabel("Words, if you like").fill("Customer of ten years.");
  await dialog.getByRole("button", { name: "Approve" }).click();

  // The first person sees it without doing anything.
  await expect(page.locator("header").getByText("Completed")).toBeVisible({ timeout: 20_000 });
  await expect(story(page)).toContainText(`by operator ${mark} · Customer of ten years.`);
  await operator.context().close();
});

test("a saga is cancelled, after one has seen what that undoes", async ({ page }) => {
  const name = `order-cancelled-${mark}`;
  await deployPlaceOrder(name);
  await order(page, name, { id: "o-7", total: 500 });
  await openSaga(page, name, "o-7", "Asks a person");
  await page.getByRole("button", { name: "Cancel saga…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("list", { name: "What will happen" }).getByRole("listitem")).toHaveText([
    /Reserve stock.*\/examples\/shop\/stock\/release/,
  ]);
  await expect(dialog.getByRole("button", { name: "Cancel saga" })).toBeDisabled();
  await dialog.getByLabel("Reason").fill("The customer called.");
  await dialog.getByRole("button", { name: "Cancel saga" }).click();
  await expect(page.getByText(/Cancelled by Ada Lovelace: The customer called\./)).toBeVisible({ timeout: 20_000 });
  await expect(page.locator("header").getByText("Compensated")).toBeVisible();
});

test("a saga that waits in version 1 ends on it while version 2 runs, and is drawn as version 1", async ({ page }) => {
  const name = `order-old-${mark}`;
  await deployPlaceOrder(name);
  await order(page, name, { id: "o-8", total: 500 });
  await openSaga(page, name, "o-8", "Asks a person");
  await deployPlaceOrder(name, ({ nodes, edges, ...document }) => ({
    ...document,
    nodes: [...nodes, { id: "thank", kind: "map", title: "Thank", config: { set: { thanks: "true" } } }],
    edges: [
      ...edges.filter(({ from }) => from !== "book"),
      { from: "book", to: "thank" },
      { from: "thank", to: "done" },
    ],
  }));
  await expect(page.getByText("v2 runs now")).toBeVisible({ timeout: 20_000 });
  await panel(page).getByRole("button", { name: "Approve…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await expect(page.locator("header").getByText("Completed")).toBeVisible({ timeout: 20_000 });
  await expect(wireOf(page, "book", "done")).toHaveAttribute("data-way", "ok");
  await expect(nodeCard(page, "thank")).toHaveCount(0);
  await order(page, name, { id: "o-9" });
  await openSaga(page, name, "o-9", "Completed");
  await expect(nodeCard(page, "thank")).toHaveAttribute("data-way", "ok");
});

test.describe("what is not there", () => {
  test.use({ expectedErrors: [/404/] });
  test("an unknown saga has a page that leads on", async ({ page }) => {
    await page.goto("/sagas/00000000-0000-4000-8000-000000000000");
    await expect(page.getByRole("heading", { name: "There is no such saga" })).toBeVisible();
    await page.getByRole("link", { name: "Open sagas" }).click();
    await expect(page).toHaveURL(/\/sagas$/);
    await expect(page.locator("table, h2").first()).toBeVisible();
  });
});
