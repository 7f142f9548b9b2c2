/** Tests from reality: messages of a topic are tried on the draft, kept as cases, break with the drawing, and keep a broken one from being deployed. */
import type { Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import { findGrave } from "./axe";
import {
  askToDeploy,
  chooseNode,
  deploy,
  nodeCard,
  openFlow,
  waitUntilSaved,
  waitUntilStill,
  writeExpression,
} from "./drawing";
import { createTopic, produce } from "./services";
import { pushFlow } from "./shell";

const mark = makeMark(import.meta.url);
const [from, to, name] = [`tried.${mark}`, `tried.${mark}.out`, `tried-${mark}`];

/** A topic with three orders. */
async function makeOrders(topic: string): Promise<void> {
  await createTopic(topic);
  await produce(
    topic,
    [5, 20, 30].map((amount) => ({ key: `o-${amount}`, value: JSON.stringify({ id: `o-${amount}`, amount }) })),
  );
}

const panel = (page: Page) => page.getByTestId("trial-panel");

async function expectNothingGrave(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await findGrave(page), colorScheme).toEqual([]);
  }
}

/** A picture of the page in both themes, beside the report. */
async function photograph(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: test.info().outputPath(`${what}-${colorScheme}.png`) });
  }
}

test("messages are tried, kept as cases, and guard the deploy", async ({ page }) => {
  await makeOrders(from);
  await createTopic(to);
  await pushFlow({
    name,
    nodes: [
      { id: "orders", kind: "kafka-source", config: { topic: from, start: "earliest" } },
      { id: "large", kind: "filter", config: { when: "body.amount > 10" } },
      { id: "price", kind: "map", config: { set: { total: "body.amount * 2" } } },
      { id: "out", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [
      { from: "orders", to: "large" },
      { from: "large.pass", to: "price" },
      { from: "price", to: "out" },
    ],
  });
  await signIn(page);
  await openFlow(page, name);

  await test.step("a message of the topic goes through the draft at a click", async () => {
    await nodeCard(page, "orders").locator(".node-title").click();
    await page.keyboard.press("t");
    const messages = panel(page)
      .getByRole("region", { name: `Messages of ${from}` })
      .getByRole("listitem");
    await expect(messages).toHaveCount(3);
    await messages.filter({ hasText: "o-20" }).getByRole("button").click();
    await expect(panel(page).getByTestId("trial-state")).toContainText("Went through");
    await expect(nodeCard(page, "out")).toHaveAttribute("data-way", "ok");
    await expect(nodeCard(page, "out")).toContainText(`would write to topic ${to}`);
    await expect(nodeCard(page, "price")).toContainText('"total":40');
    await panel(page).getByRole("button", { name: /Price/ }).click();
    await expect(panel(page).getByTestId("trial-step")).toContainText("total");
    await page.mouse.move(700, 80);
    await waitUntilStill(page);
    await expectNothingGrave(page);
    await photograph(page, "trial");
  });

  await test.step("three of them are kept as cases, which run in the background", async () => {
    const messages = panel(page).getByRole("region", { name: `Messages of ${from}` });
    for (const id of ["o-20", "o-30", "o-5"]) {
      await messages
        .getByRole("button")
        .filter({ hasText: `"${id}"` })
        .last()
        .click();
      await expect(panel(page).getByTestId("trial-state")).toContainText(id === "o-5" ? "Dropped" : "Went through");
      await expect(panel(page).locator(".cm-content")).toContainText(id);
      await panel(page).getByRole("button", { name: "Keep as test case" }).click();
      await page.getByRole("button", { name: "Keep", exact: true }).click();
      await expect(page.getByText(/^Kept as case/).first()).toBeVisible();
    }
    await expect(page.getByTestId("tests-pill")).toContainText("3 cases · all pass");
  });

  await test.step("a typed message, tried by keys alone; Escape ends it", async () => {
    const body = panel(page).locator(".cm-content");
    await body.click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText('{"id": "typed", "amount": "many"}');
    await page.keyboard.press("ControlOrMeta+Enter");
    await expect(nodeCard(page, "large")).toHaveAttribute("data-way", /bad|warn/);
    await page.keyboard.press("Escape");
    await expect(panel(page)).toHaveCount(0);
    await expect(nodeCard(page, "large")).not.toHaveAttribute("data-way");
  });

  await test.step("the drawing breaks: the cases say so, at the node and field by field", async () => {
    await chooseNode(page, "price");
    await writeExpression(page, "Value of total", "body.amount * 3");
    await expect(page.getByTestId("tests-pill")).toContainText("3 cases · 2 fail");
    await expect(nodeCard(page, "out").getByTestId("failing-case")).toContainText("1 more fail here");
    await page.getByTestId("tests-pill").click();
    await page.waitForURL(/\/tests/);
    await expect(page.getByTestId("cases-summary")).toContainText("3 cases, 2 fail");
    const row = page.locator('[data-field="body.total"]');
    await expect(row).toContainText("40");
    await expect(row).toContainText("60");
    await expect(nodeCard(page, "out")).toHaveAttribute("data-way", "bad");
    await expect(nodeCard(page, "out")).toContainText("body.total");
    await expect(page.getByTestId("coverage")).toContainText("4 of 4 nodes");
    await waitUntilStill(page);
    await expectNothingGrave(page);
    await photograph(page, "cases");
    await page.getByRole("button", { name: "Coverage of all" }).click();
    await expect(nodeCard(page, "price")).toHaveAttribute("data-way", "ok");
    await photograph(page, "coverage");
  });

  await test.step("they are a gate of Deploy", async () => {
    await page.getByRole("switch", { name: "Deploy only when all tests pass" }).click();
    await waitUntilSaved(page);
    await openFlow(page, name);
    const dialog = await askToDeploy(page);
    await dialog
      .getByRole("button", { name: /^Deploy/ })
      .last()
      .click();
    await expect(dialog).toContainText("body.total");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  await test.step("one field is taken as it came, one case is undone and deleted, the rest is mended", async () => {
    await page.goto(`/flows/${name}/tests`);
    await page.getByRole("button", { name: "Expect body.total as it came" }).click();
    await expect(page.getByTestId("cases-summary")).toContainText("3 cases, 1 fails");
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await expect(page.getByTestId("cases-summary")).toContainText("3 cases, 2 fail");
    await waitUntilSaved(page);
    await openFlow(page, name);
    await chooseNode(page, "price");
    await writeExpression(page, "Value of total", "body.amount * 2");
    await waitUntilSaved(page);
    await expect(page.getByTestId("tests-pill")).toContainText("3 cases · all pass");
    await deploy(page);
  });
});

test("cases are captured from the topic and imported from lines; what is wrong is named with its line", async ({
  page,
}) => {
  await makeOrders(`${from}.2`);
  await signIn(page);
  await pushFlow({
    name: `${name}-2`,
    nodes: [
      { id: "orders", kind: "kafka-source", config: { topic: `${from}.2`, start: "earliest" } },
      { id: "out", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [{ from: "orders", to: "out" }],
  });
  await page.goto(`/flows/${name}-2/tests`);
  await expect(page.getByRole("heading", { name: "No cases yet" })).toBeVisible();
  await page.getByRole("button", { name: "Capture messages" }).click();
  await expect(page.getByRole("list", { name: "Cases to keep" }).getByRole("listitem")).toHaveCount(3);
  await photograph(page, "capture");
  await page.getByRole("button", { name: "Keep 3 cases" }).click();
  await expect(page.getByTestId("cases-summary")).toContainText("3 cases, all pass");

  await page.getByRole("button", { name: "Add cases" }).click();
  await page.getByRole("menuitem", { name: "Import lines of JSON" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Lines").fill('{"id": 1}\nnot json');
  await expect(dialog).toContainText("Line 2: This is not JSON.");
  await expect(dialog.getByRole("button", { name: "Import 1 case" })).toBeDisabled();
  await dialog.getByLabel("Lines").fill('{"id": 1}\n{"id": 2}');
  await dialog.getByRole("button", { name: "Import 2 cases" }).click();
  await expect(page.getByTestId("cases-summary")).toContainText("5 cases, all pass");

  await page.getByRole("button", { name: "More about this case" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByTestId("cases-summary")).toContainText("4 cases");
  await waitUntilSaved(page);
});
