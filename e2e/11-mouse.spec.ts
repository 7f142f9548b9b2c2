/** What the mouse does on the drawing: a box around nodes, a wire into empty space, a node onto a wire, lines that nodes snap to. */
import type { Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import { nodeCard, openFlow, waitUntilSaved, waitUntilStill } from "./drawing";
import { pushFlow } from "./shell";

const mark = makeMark(import.meta.url);
const name = `mouse-${mark}`;
const edge = (page: Page, id: string) => page.locator(`[data-edge-id="${id}"]`);

const node = (id: string, kind: string, x: number, y: number, config: object = {}) => ({
  ...{ id, kind, config, position: { x, y } },
});

async function boxOf(page: Page, id: string) {
  await waitUntilStill(page);
  return (await nodeCard(page, id).boundingBox())!;
}

/** Presses, goes there in steps, stays there without letting go. */
async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 6, from.y + 6, { steps: 2 });
  await page.mouse.move(to.x, to.y, { steps: 10 });
}

/** Takes a node by its title and brings its upper left corner to a place. */
async function carry(page: Page, id: string, to: { x: number; y: number }): Promise<void> {
  const { x, y } = await boxOf(page, id);
  await drag(page, { x: x + 60, y: y + 14 }, { x: to.x + 60, y: to.y + 14 });
}

test("a box, a wire into empty space, a node onto a wire, snapping and nudging", async ({ page }) => {
  await pushFlow({
    name,
    nodes: [
      node("hook", "webhook-source", 0, 0, { path: name }),
      node("log", "log", 640, 0),
      node("lone", "map", 320, 260, { set: { seen: "true" } }),
    ],
    edges: [{ from: "hook", to: "log" }],
  });
  await signIn(page);
  await openFlow(page, name);
  await expect(nodeCard(page, "lone")).toBeVisible();

  await test.step("a box around two of them chooses these; the arrows nudge them", async () => {
    const [hook, lone] = [await boxOf(page, "hook"), await boxOf(page, "lone")];
    await page.keyboard.down("Shift");
    await drag(page, { x: hook.x - 24, y: hook.y - 24 }, { x: lone.x + 40, y: lone.y + lone.height + 20 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await expect(page.getByRole("toolbar", { name: "What is chosen" })).toContainText("2 nodes");
    const before = await boxOf(page, "hook");
    await page.keyboard.press("ArrowDown");
    await expect.poll(async () => (await boxOf(page, "hook")).y).toBeGreaterThan(before.y);
    await page.keyboard.press("ControlOrMeta+z");
    await expect.poll(async () => (await boxOf(page, "hook")).y).toBe(before.y);
    await page.locator(".react-flow__pane").click({ position: { x: 30, y: 500 } });
  });

  await test.step("beside another a node snaps to its line, and the line is shown", async () => {
    const [hook, lone] = [await boxOf(page, "hook"), await boxOf(page, "lone")];
    await carry(page, "lone", { x: hook.x + 3, y: lone.y });
    await expect(page.locator(".guide")).not.toHaveCount(0);
    await page.mouse.up();
    await expect(page.locator(".guide")).toHaveCount(0);
    expect(Math.abs((await boxOf(page, "lone")).x - hook.x)).toBeLessThan(1);
  });

  await test.step("dropped onto a wire it goes in between, as one step", async () => {
    const [hook, log] = [await boxOf(page, "hook"), await boxOf(page, "log")];
    await carry(page, "lone", { x: (hook.x + log.x) / 2, y: hook.y });
    await page.mouse.up();
    for (const id of ["hook>lone", "lone>log"]) await expect(edge(page, id)).toBeAttached();
    await page.keyboard.press("ControlOrMeta+z");
    await expect(edge(page, "hook>log")).toBeAttached();
    await page.keyboard.press("ControlOrMeta+Shift+z");
    await expect(edge(page, "lone>log")).toBeAttached();
  });

  await test.step("a wire let go over empty space offers what fits there", async () => {
    await waitUntilStill(page);
    const port = (await nodeCard(page, "lone").locator('.react-flow__handle[data-handleid="out"]').boundingBox())!;
    const from = { x: port.x + port.width / 2, y: port.y + port.height / 2 };
    await drag(page, from, { x: from.x + 60, y: from.y + 220 });
    await page.mouse.up();
    const list = page.getByRole("dialog", { name: "Add a node" });
    await list.getByRole("combobox").fill("webhook");
    await expect(list.getByRole("option", { name: /^Webhook/ })).toHaveCount(0);
    await list.getByRole("combobox").fill("filter");
    await page.keyboard.press("Enter");
    await expect(edge(page, "lone>filter")).toBeAttached();
  });
  await waitUntilSaved(page);
});
