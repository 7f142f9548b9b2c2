/** What is drawn is put in order: disabled, grouped, aligned, replaced, described, mended; by the mouse and by keys. */
import type { Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import { chooseNode, inspector, nodeCard, openFlow, waitUntilSaved, waitUntilStill } from "./drawing";
import { flow, pushFlow } from "./shell";

const mark = makeMark(import.meta.url);
const name = `arrange-${mark}`;
const node = (id: string, kind: string, x: number, y: number, config: object = {}, more: object = {}) => ({
  id,
  kind,
  config,
  position: { x, y },
  ...more,
});

const press = (page: Page, keys: string) => page.keyboard.press(keys);
const card = (page: Page, id: string) => nodeCard(page, id).locator(".node-card");
const group = (page: Page, title: string) => page.getByRole("region", { name: `Group ${title}`, exact: true });
const bar = (page: Page) => page.getByRole("toolbar", { name: "What is chosen" });
const edge = (page: Page, id: string) => page.locator(`[data-edge-id="${id}"]`);

async function placeOf(page: Page, id: string): Promise<{ x: number; y: number }> {
  await waitUntilStill(page);
  const { x, y } = (await nodeCard(page, id).boundingBox())!;
  return { x: Math.round(x), y: Math.round(y) };
}

/** Chooses nodes with the mouse, the later ones with Ctrl. */
async function chooseAll(page: Page, ids: readonly string[]): Promise<void> {
  await waitUntilStill(page);
  for (const [index, id] of ids.entries()) {
    await nodeCard(page, id)
      .locator(".node-title")
      .click(index === 0 ? {} : { modifiers: ["ControlOrMeta"] });
  }
  await expect(bar(page)).toContainText(`${ids.length} nodes`);
}

async function menuOf(page: Page, id: string, item: string): Promise<void> {
  await waitUntilStill(page);
  await nodeCard(page, id).locator(".node-title").click({ button: "right" });
  await page.getByRole("menuitem", { name: item, exact: false }).first().click();
}

test.beforeEach(async ({ page }) => {
  await signIn(page);
});

test("a drawing is put in order", async ({ page }) => {
  test.setTimeout(90_000);
  await pushFlow({
    name,
    nodes: [
      node("hook", "webhook-source", 0, 0, { path: name }),
      node("route", "filter", 320, 60, { when: "body.amount > 10" }),
      node("total", "map", 640, 10, { set: { total: "body.amount * 2" } }),
      node("log", "log", 960, 150),
    ],
    edges: [
      { from: "hook", to: "route" },
      { from: "route.pass", to: "total" },
      { from: "total", to: "log" },
    ],
  });
  await openFlow(page, name);
  await expect(nodeCard(page, "log")).toBeVisible();

  await test.step("disabled by key, otherwise by menu, enabled in the form", async () => {
    await chooseNode(page, "total");
    await press(page, "Shift+D");
    await expect(card(page, "total")).toContainText("disabled · passes on");
    await expect(card(page, "total")).toHaveCSS("border-style", "dashed");
    await menuOf(page, "total", "Disable: let nothing in");
    await expect(card(page, "total")).toContainText("disabled · blocks");
    await page.getByTestId("problems").click();
    await expect(page.getByText("node-disabled")).toBeVisible();
    await press(page, "Escape");
    await inspector(page).getByRole("button", { name: "Enable" }).first().click();
    await expect(card(page, "total")).not.toContainText("disabled");
    await expect(page.getByRole("button", { name: "No problems" })).toBeVisible();
  });

  await test.step("aligned by key, distributed by the bar, each one step back", async () => {
    await chooseAll(page, ["hook", "route", "total", "log"]);
    const before = await placeOf(page, "route");
    await press(page, "Alt+Shift+ArrowUp");
    const top = (await placeOf(page, "hook")).y;
    for (const id of ["route", "total", "log"]) expect((await placeOf(page, id)).y).toBe(top);
    await press(page, "ControlOrMeta+z");
    expect(await placeOf(page, "route")).toEqual(before);
    await bar(page).getByRole("button", { name: "Align top" }).click();
    await bar(page).getByRole("button", { name: "Distribute from left to right" }).click();
    const at = await Promise.all(["hook", "route", "total"].map((id) => placeOf(page, id)));
    expect(Math.abs(at[2]!.x - at[1]!.x - (at[1]!.x - at[0]!.x))).toBeLessThanOrEqual(1);
  });

  await test.step("grouped by key, named, coloured, moved as one, copied whole", async () => {
    await chooseAll(page, ["route", "total"]);
    await press(page, "ControlOrMeta+g");
    await page.getByRole("textbox", { name: "Title of the group" }).fill("Reckoning");
    await press(page, "Enter");
    const frame = group(page, "Reckoning");
    await expect(frame).toBeVisible();
    await frame.getByRole("button", { name: "More about group Reckoning" }).click();
    await page.getByRole("menuitem", { name: "Violet" }).click();
    await expect(frame).toHaveAttribute("data-color", "violet");

    const [route, total] = [await placeOf(page, "route"), await placeOf(page, "total")];
    const title = (await frame.getByRole("button", { name: /choose its nodes/ }).boundingBox())!;
    await page.mouse.move(title.x + 40, title.y + 10);
    await page.mouse.down();
    await page.mouse.move(title.x + 60, title.y + 60, { steps: 4 });
    await page.mouse.move(title.x + 40, title.y + 130, { steps: 4 });
    await page.mouse.up();
    const [routeNow, totalNow] = [await placeOf(page, "route"), await placeOf(page, "total")];
    expect(routeNow.y - route.y).toBeGreaterThan(80);
    expect(totalNow.y - total.y).toBe(routeNow.y - route.y);
    await press(page, "ControlOrMeta+z");
    expect(await placeOf(page, "route")).toEqual(route);

    await frame.getByRole("button", { name: /choose its nodes/ }).click();
    await press(page, "ControlOrMeta+d");
    await expect(page.locator(".group-frame")).toHaveCount(2);
    await press(page, "Delete");
    await expect(page.locator(".group-frame")).toHaveCount(1);
  });

  await test.step("tidied up in a thread of its own", async () => {
    await page.locator(".react-flow__pane").click({ position: { x: 20, y: 500 } });
    const worker = page.waitForEvent("worker");
    await press(page, "Shift+L");
    await worker;
    // The wire from the row of its port is level.
    await expect
      .poll(async () => (await placeOf(page, "total")).y - (await placeOf(page, "route")).y)
      .toBeGreaterThan(10);
    // One that fails is ended.
    expect(page.workers()).toHaveLength(1);
  });

  await test.step("replaced, keeping its wires and its name", async () => {
    await chooseNode(page, "log");
    await press(page, "Shift+R");
    const kinds = page.getByRole("dialog", { name: "Replace the node" });
    await expect(kinds.getByRole("option").filter({ hasText: "Generator" })).toHaveCount(0);
    await kinds.getByRole("combobox").fill("split");
    await press(page, "Enter");
    await expect(inspector(page)).toContainText("Split");
    await expect(edge(page, "total>log")).toBeAttached();
    await press(page, "ControlOrMeta+z");
    await expect(inspector(page)).not.toContainText("Split");
  });

  await test.step("described: a mark on the card, a note on the canvas", async () => {
    await chooseNode(page, "route");
    await inspector(page).getByRole("tab", { name: "Notes" }).click();
    await inspector(page).getByRole("textbox", { name: "Notes", exact: true }).fill("Ask **Ada** about the limit.");
    await nodeCard(page, "route").getByTestId("node-notes").hover();
    await expect(page.getByRole("tooltip").locator("strong").first()).toHaveText("Ada");
    await page.locator("nav[aria-label=Palette]").getByRole("button", { name: /^Note/ }).click();
    await page.getByRole("textbox", { name: "Note", exact: true }).fill("## Why\n\nAs *agreed*.");
    await press(page, "Escape");
    await expect(page.locator(".canvas-note h4")).toHaveText("Why");
    await page.locator(".canvas-note").dblclick();
    await expect(page.getByRole("textbox", { name: "Note", exact: true })).toBeFocused();
    await press(page, "Escape");
  });

  await waitUntilSaved(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.screenshot({ path: test.info().outputPath("arrange-light.png") });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: test.info().outputPath("arrange-dark.png") });
  const { groups } = JSON.parse((await flow(["export", name])).out) as { groups: object[] };
  expect(groups).toEqual([{ id: "group", title: "Reckoning", color: "violet", nodes: ["route", "total"] }]);
});

test("problems are mended where they are, and undone", async ({ page }) => {
  const broken = `${name}-broken`;
  await pushFlow({
    name: broken,
    nodes: [
      node("hook", "webhook-source", 0, 0, { path: broken }),
      node("route", "switch", 320, 0, { cases: [{ port: "big", when: "bdoy.amount > 10" }] }),
      node("log", "log", 640, 0),
      node("lost", "log", 640, 220),
    ],
    edges: [
      { from: "hook", to: "route" },
      { from: "route.bigg", to: "log" },
    ],
  });
  await openFlow(page, broken);
  const problems = page.getByTestId("problems");
  await expect(problems).toContainText(/problems/);

  await test.step("at the node: what was probably meant", async () => {
    await chooseNode(page, "route");
    await nodeCard(page, "route").getByRole("button", { name: "Use “body”" }).click();
    await expect(nodeCard(page, "route").getByRole("button", { name: "Use “big”" })).toBeVisible();
  });
  await test.step("at the node and its wire: the port that was meant; undone, and in the list", async () => {
    await nodeCard(page, "route").getByRole("button", { name: "Use “big”" }).click();
    await expect(edge(page, "route.big>log")).toBeAttached();
    await press(page, "ControlOrMeta+z");
    // A wire at a port that is not there cannot be drawn: the node says so.
    await expect(edge(page, "route.big>log")).toHaveCount(0);
    await expect(nodeCard(page, "route")).toHaveAttribute("data-invalid", "true");
    await problems.click();
    await page.getByRole("dialog").getByRole("button", { name: "Use “big”" }).click();
    await expect(edge(page, "route.big>log")).toBeAttached();
    await page.getByRole("dialog").getByRole("button", { name: "Remove the node" }).click();
    await expect(nodeCard(page, "lost")).toHaveCount(0);
  });
  await test.step("nothing wired to otherwise: the list of kinds, the most used first", async () => {
    await page.getByRole("dialog").getByRole("button", { name: "Wire “otherwise”" }).click();
    const kinds = page.getByRole("dialog", { name: "Add a node" });
    await expect(kinds.getByRole("option").first()).toContainText(/Log|Switch/);
    await kinds.getByRole("combobox").fill("log");
    await press(page, "Enter");
    await expect(page.locator('[data-edge-id^="route.otherwise>"]')).toBeAttached();
    await expect(page.getByRole("button", { name: "No problems" })).toBeVisible();
  });
});
