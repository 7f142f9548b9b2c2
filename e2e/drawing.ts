/** The editor as a person uses it: pointer and keys on the canvas, the form at its right. */
import { expect, type Locator, type Page } from "@playwright/test";

/** Opens the editor and waits until the drawing and its live state are there. */
export async function openFlow(page: Page, name: string): Promise<void> {
  await page.goto(`/flows/${name}`);
  await expect(page.getByRole("button", { name: "Deploy", exact: true })).toBeVisible();
}

/** Makes an empty flow from the list and lands in its editor. Gives its name. */
export async function createFlow(page: Page, title: string): Promise<string> {
  await page.goto("/flows");
  await page.getByRole("button", { name: "New flow" }).first().click();
  await page.getByRole("dialog").getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Create flow" }).click();
  await page.waitForURL(/\/flows\/[a-z0-9-]+$/);
  await expect(page.getByRole("button", { name: "Deploy", exact: true })).toBeVisible();
  return page.url().split("/").at(-1)!;
}

/** A node's card; `data-state` says how it runs, `data-invalid` that something is wrong with it. */
export function nodeCard(page: Page, id: string): Locator {
  return page.locator(`[data-node-id="${id}"]`);
}

export function inspector(page: Page): Locator {
  return page.getByRole("complementary", { name: "Inspector" });
}

/** Drags a kind from the palette to a place on the canvas, in parts of its width and height. */
export async function dragKind(page: Page, kind: string, at: { x: number; y: number }): Promise<void> {
  const item = page.locator(`nav[aria-label=Palette] [data-kind="${kind}"]`);
  await item.scrollIntoViewIfNeeded();
  await waitUntilStill(page);
  const from = await boxOf(item);
  const canvas = await boxOf(page.locator(".drawing"));
  const to = { x: canvas.x + canvas.width * at.x, y: canvas.y + canvas.height * at.y };
  await page.mouse.move(from.x + 40, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 120, from.y + from.height / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await page.mouse.up();
}

/** Draws a wire from an output to the input of another node, with the mouse. */
export async function wire(page: Page, from: string, to: string): Promise<void> {
  const [node, port = "out"] = from.split(".");
  await waitUntilStill(page);
  const start = nodeCard(page, node!).locator(`.react-flow__handle[data-handleid="${port}"]`);
  const end = nodeCard(page, to).locator('.react-flow__handle[data-handleid="in"]');
  const [a, b] = [centre(await boxOf(start)), centre(await boxOf(end))];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move(a.x + 20, a.y + 5, { steps: 3 });
  await page.mouse.move(b.x, b.y, { steps: 8 });
  // Near its edge the canvas slides along under the wire; a person follows with the eye.
  await waitUntilStill(page);
  const there = centre(await boxOf(end));
  await page.mouse.move(there.x, there.y, { steps: 3 });
  await page.mouse.up();
  await expect(page.locator(`[data-edge-id="${nameOfWire(from, to)}"]`)).toBeAttached();
}

export function nameOfWire(from: string, to: string): string {
  return `${from.endsWith(".out") ? from.slice(0, -4) : from}>${to}`;
}

/** Chooses a node, so that its form stands at the right. */
export async function chooseNode(page: Page, id: string): Promise<void> {
  await bringIntoSight(page, id);
  await nodeCard(page, id).locator(".node-title").click();
  await expect(inspector(page)).toContainText(id);
}

/** As a person would: with the whole drawing in the window, where the node stands beyond its edge. */
async function bringIntoSight(page: Page, id: string): Promise<void> {
  await waitUntilStill(page);
  const [node, canvas] = [await boxOf(nodeCard(page, id)), await boxOf(page.locator(".drawing"))];
  const isInSight =
    node.x >= canvas.x &&
    node.y >= canvas.y &&
    node.x + node.width <= canvas.x + canvas.width &&
    node.y + node.height <= canvas.y + canvas.height;
  if (isInSight) return;
  await page.getByRole("button", { name: "Fit the drawing" }).click();
  await waitUntilStill(page);
}

/** The editor of an expression, by the name of its field. */
export function expressionField(page: Page, label: string): Locator {
  return inspector(page).locator(`.cm-content[aria-label="${label}"]`);
}

/** Writes an expression as a person would: chooses what stands there, types over it. */
export async function writeExpression(page: Page, label: string, text: string): Promise<void> {
  const field = expressionField(page, label);
  await field.click();
  await page.keyboard.press("ControlOrMeta+a");
  // Pasted as one: brackets and suggestions of the editor stay out of it.
  await page.keyboard.insertText(text);
  await expect(field).toHaveText(text);
  await page.keyboard.press("Escape");
}

/** Waits until what is drawn is on the server. */
export async function waitUntilSaved(page: Page): Promise<void> {
  await expect(page.getByTestId("saved")).toHaveAttribute("data-save", "saved");
}

/** Presses Deploy, answers the dialog, and waits until every node runs. Gives the milliseconds from the press to that sight. */
export async function deploy(page: Page, begin?: string): Promise<number> {
  const dialog = await askToDeploy(page);
  if (begin) await dialog.getByRole("radio", { name: begin }).check();
  const start = performance.now();
  await dialog.getByRole("button", { name: /^(Deploy|Create topics and deploy)$/ }).click();
  await waitUntilRunning(page);
  const took = performance.now() - start;
  // It goes by itself; a person may be faster.
  await expect(page.getByRole("dialog")).toHaveCount(0);
  return took;
}

/** Opens the dialog of Deploy. */
export async function askToDeploy(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  return dialog;
}

const up = ["running", "retrying"];

/** Every node of the drawing says that it runs; one that tries a message again does, too. */
export async function waitUntilRunning(page: Page): Promise<void> {
  await expect
    .poll(
      () =>
        page
          .locator(".drawing [data-node-id]")
          .evaluateAll(
            (nodes, up) =>
              nodes.map((node) => node.getAttribute("data-state") ?? "").filter((state) => !up.includes(state)),
            up,
          ),
      { intervals: [100], timeout: 30_000 },
    )
    .toEqual([]);
}

/** How many messages passed a wire, as the canvas shows it. */
export async function countOnWire(page: Page, from: string, to: string): Promise<number> {
  const label = page.locator(`[data-testid="wire-count"][data-edge="${nameOfWire(from, to)}"]`);
  return Number((await label.count()) === 0 ? 0 : await label.getAttribute("data-count"));
}

/** Opens the menu beside Deploy. */
export async function pickFromDeployMenu(page: Page, item: string | RegExp): Promise<void> {
  await page.getByRole("button", { name: "More about deploying" }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** The canvas slides to what was chosen: a place is only good once it stands still. */
export async function waitUntilStill(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const viewport = document.querySelector<HTMLElement>(".react-flow__viewport");
        let [last, since] = ["", performance.now()];
        const look = () => {
          const now = `${viewport?.style.transform} ${document.querySelector(".drawing")?.clientWidth}`;
          if (now !== last) [last, since] = [now, performance.now()];
          if (performance.now() - since > 250) resolve();
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

async function boxOf(locator: Locator) {
  await expect(locator).toBeVisible();
  const box = await locator.boundingBox();
  if (!box) throw new Error("It has no place on the page.");
  return box;
}

function centre(box: { x: number; y: number; width: number; height: number }) {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Pastes an expression into a dialog as one, as a person would; what the editor offers meanwhile is sent away. */
export async function writeInDialog(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByRole("dialog").locator(`.cm-content[aria-label="${label}"]`);
  await field.click();
  await page.keyboard.insertText(text);
  await expect(field).toHaveText(text);
  if (await page.locator(".cm-tooltip-autocomplete").isVisible()) await page.keyboard.press("Escape");
}
