/** The walk of a first visitor: account, examples, deploy, messages, runs. */
import { ada, expect, report, signIn, test } from "./app";
import {
  chooseNode,
  countOnWire,
  deploy,
  inspector,
  nodeCard,
  openFlow,
  pickFromDeployMenu,
  waitUntilRunning,
} from "./drawing";
import { describeTopics } from "./services";

test.describe.configure({ mode: "serial" });

test("the first visitor creates the administrator's account and lands on the flows", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/welcome$/);
  await page.getByLabel("Name").fill(ada.name);
  await page.getByLabel("Email").fill(ada.email);
  await page.getByLabel("Password").fill(ada.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/flows$/);

  const examples = {
    "Ask for a price": /asks over the Kafka topic prices.requests/i,
    "Hook to queue": /takes orders over HTTP/i,
    "Notify warehouse": /posts each order to an example service/i,
    "Order traffic": /makes 30,000 orders/i,
    "Orders by country": /routes them by country/i,
    "Payments in three brokers": /wait in a RabbitMQ queue/i,
    "Place order": /reserve the stock, charge the card, book the carrier/i,
  };
  await expect(page.locator("tbody tr")).toHaveCount(Object.keys(examples).length);
  for (const [title, sentence] of Object.entries(examples)) {
    const row = page.locator("tbody tr").filter({ has: page.getByRole("link", { name: title, exact: true }) });
    await expect(row).toContainText(sentence);
    await expect(row).toContainText("Never deployed");
  }
});

test("after the first account sign-up is closed", async ({ page, context, browser }) => {
  await signIn(page);
  const stranger = await browser.newContext();
  const visitor = await stranger.newPage();
  await visitor.goto("/");
  await expect(visitor).toHaveURL(/\/sign-in/);
  const refused = await visitor.request.post("/api/auth/sign-up/email", {
    data: { name: "Eve", email: "eve@example.org", password: "another-horse-9" },
    headers: { origin: new URL(visitor.url()).origin },
  });
  expect(refused.status()).toBe(403);
  await visitor.goto("/flows/orders-by-country");
  await visitor.getByLabel("Email").fill(ada.email);
  await visitor.getByLabel("Password").fill(ada.password);
  await visitor.getByRole("button", { name: "Sign in" }).click();
  await expect(visitor).toHaveURL(/\/flows\/orders-by-country$/);
  await stranger.close();
  await context.clearCookies();
});

test("the topics of the examples exist, with 4 partitions", async () => {
  await expect
    .poll(() => describeTopics(["orders", "orders.de"]), { timeout: 30_000 })
    .toEqual({ orders: 4, "orders.de": 4 });
});

test("Orders by country is drawn and laid out; deployed, every node says that it runs", async ({ page }) => {
  await signIn(page);
  await page.goto("/flows");
  await page.getByRole("link", { name: "Orders by country", exact: true }).click();
  const ids = ["orders", "route", "total", "german", "others"];
  for (const id of ids) await expect(nodeCard(page, id)).toBeInViewport({ ratio: 1 });
  const boxes = await Promise.all(ids.map(async (id) => (await nodeCard(page, id).boundingBox())!));
  for (const [index, a] of boxes.entries()) {
    for (const b of boxes.slice(index + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(apart, "two nodes lie on each other").toBe(true);
    }
  }
  await expect(page.locator("[data-edge-id]")).toHaveCount(4);
  await expect(page.getByTestId("guarantee")).toContainText(/at least once/i);
  await expect(page.getByRole("button", { name: "No problems" })).toBeVisible();

  const took = await deploy(page, "As the sources say");
  report("Orders by country: from Deploy to every node running", took);
  expect(took).toBeLessThan(10_000);
  await expect(page.getByText(/v1 running/)).toBeVisible();
});

test("Order traffic brings rates and counts to the wires of both flows", async ({ page, context }) => {
  await signIn(page);
  await openFlow(page, "orders-by-country");
  const traffic = await context.newPage();
  await openFlow(traffic, "order-traffic");
  await deploy(traffic);
  const start = performance.now();
  await expect.poll(() => countOnWire(traffic, "traffic", "orders"), { intervals: [100] }).toBeGreaterThan(0);
  for (const [from, to] of [
    ["orders", "route"],
    ["route.de", "total"],
    ["total", "german"],
    ["route.otherwise", "others"],
  ] as const) {
    await expect.poll(() => countOnWire(page, from, to), { intervals: [100] }).toBeGreaterThan(0);
  }
  report("Order traffic: from running to counts on every wire of both flows", performance.now() - start);
  await expect(page.getByTestId("wire-count").first()).toHaveText(/\d.*\/s$/);
  await expect(traffic.getByTestId("wire-count").first()).toHaveText(/\d.*\/s$/);
  const before = await countOnWire(page, "orders", "route");
  await expect.poll(() => countOnWire(page, "orders", "route")).toBeGreaterThan(before);

  await page.goto("/flows");
  const row = page.locator("tbody tr").filter({ hasText: "Orders by country" });
  await expect(row).toContainText("Running");
  await expect(row).toContainText(/\d\/s/);
});

test("a click on a node shows its form and its last messages; a message leads to its run", async ({ page }) => {
  await signIn(page);
  await openFlow(page, "orders-by-country");
  await chooseNode(page, "total");
  await expect(inspector(page)).toContainText("Set fields");
  await expect(inspector(page).locator('.cm-content[aria-label="Value of total"]')).toHaveText(
    "body.price * body.quantity",
  );
  await expect(inspector(page).getByTestId("expression-result").first()).toHaveText(/\d/);
  const messages = inspector(page).getByRole("region", { name: "On the last messages" });
  await expect(messages.getByRole("link").first()).toContainText(/c-\d+/);
  await expect(inspector(page).getByRole("region", { name: "The last hour" })).toContainText(/\d messages/);

  await inspector(page).getByRole("tab", { name: "Messages" }).click();
  const first = inspector(page).getByRole("button", { expanded: false }).filter({ hasText: /c-\d+/ }).first();
  await first.click();
  await expect(inspector(page)).toContainText("Out by out");
  await expect(inspector(page).locator("pre").nth(1)).toContainText('"total"');

  await inspector(page).getByRole("tab", { name: "Settings" }).click();
  await messages.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/runs\/.+/);
  await expect(page.getByRole("heading", { name: "Steps" })).toBeVisible();
});

test("a message is sent, edited, and its run is there at once", async ({ page, context }) => {
  await signIn(page);
  await openFlow(page, "order-traffic");
  await waitUntilRunning(page);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v1 stopped/)).toBeVisible();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByRole("dialog")).toContainText("v1 goes on where it stood: nothing is left out.");
  await page.getByRole("button", { name: "Start v1" }).click();
  await waitUntilRunning(page);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v1 stopped/)).toBeVisible();

  const runs = await context.newPage();
  await runs.goto("/flows/orders-by-country/runs");
  await runs.getByLabel("Follow").click();
  await expect(runs.locator("tbody tr").first()).toBeVisible();

  await openFlow(page, "orders-by-country");
  await page.getByRole("button", { name: "Send a message" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Body")).toHaveValue(/"country"/);
  await dialog.getByLabel("Key").fill("c-walk");
  await dialog
    .getByLabel("Body")
    .fill(JSON.stringify({ id: "o-walk", customer: "c-walk", country: "DE", price: 2.5, quantity: 4 }));
  await dialog.getByRole("button", { name: "Add" }).click();
  await dialog.getByLabel("Name of header 1").fill("from");
  await dialog.getByLabel("Value of header 1").fill("the walk");
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  const start = performance.now();
  const row = runs.locator("tbody tr").filter({ hasText: "c-walk" });
  await expect(row).toBeVisible();
  const took = performance.now() - start;
  report("A message's run: from sending to its row in the browser", took);
  expect(took).toBeLessThan(10_000);
  await expect(dialog.getByText("Sent", { exact: true })).toBeVisible();
  await expect(row).toContainText("Done");
  await expect(row).toContainText("v1");

  await row.getByRole("link").click();
  await expect(runs).toHaveURL(/\/runs\/.+/);
  // The way is coloured, what was not on it is not.
  for (const id of ["orders", "route", "total", "german"]) {
    await expect(nodeCard(runs, id)).toHaveAttribute("data-way", "ok");
  }
  await expect(nodeCard(runs, "others")).toHaveAttribute("data-way", "off");
  await expect(runs.locator('[data-edge-id="route.de>total"]')).toHaveAttribute("data-way", "ok");
  await expect(runs.locator('[data-edge-id="route.otherwise>others"]')).toHaveAttribute("data-way", "off");
  await expect(runs.getByText(/v1 · as it ran on/)).toBeVisible();

  await runs.locator("[data-step]").filter({ hasText: "Add the total" }).click();
  const step = runs.getByRole("complementary").filter({ has: runs.getByRole("heading", { name: "Add the total" }) });
  await step.getByRole("button", { name: "Raw" }).click();
  await expect(step.locator("pre").nth(0)).not.toContainText("total");
  await expect(step.locator("pre").nth(1)).toContainText('"total": 10');
  await step.getByRole("button", { name: "Difference" }).click();
  await expect(step).toContainText("total");
  await expect(step).toContainText(/took <?[\d.]+/);
  await step.getByRole("tab", { name: /^Headers/ }).click();
  await expect(step).toContainText("the walk");
  await expect(step).toContainText("traceparent");
  await step.getByRole("tab", { name: "Settings then" }).click();
  await expect(step).toContainText("body.price * body.quantity");
});

test("Runs is one live list over all flows, with filters in the address", async ({ page }) => {
  await signIn(page);
  await page.goto("/runs?key=c-walk");
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expect(page.locator("tbody tr")).toContainText("Orders by country");
  await page.goto("/runs");
  await expect(page.locator("tbody tr").nth(1)).toBeVisible();
});
