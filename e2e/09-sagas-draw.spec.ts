/** A saga of three steps drawn from nothing: what it does and what undoes it, its failure simulated at each step, then deployed. */
import type { Locator, Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import {
  chooseNode,
  createFlow,
  deploy,
  dragKind,
  inspector,
  nodeCard,
  openFlow,
  pickFromDeployMenu,
  waitUntilSaved,
  waitUntilStill,
  writeExpression,
} from "./drawing";
import { flowJson } from "./shell";

test.describe.configure({ mode: "serial" });

const mark = makeMark(import.meta.url, "serial");
const steps = ["saga-step", "saga-step-2", "saga-step-3"] as const;
const names = ["Reserve stock", "Charge card", "Book carrier"] as const;
let name = "";

const simulation = (page: Page) => page.getByRole("complementary", { name: "Simulation" });
const undone = (page: Page) => simulation(page).getByTestId("simulated-undos").locator(":scope > li");
const group = (page: Page, title: string) => inspector(page).getByRole("region", { name: title });

/** Adds a kind behind the chosen node, by a click in the palette. */
async function addBehind(page: Page, kind: string, id: string): Promise<void> {
  await page.locator(`nav[aria-label=Palette] [data-kind="${kind}"]`).click();
  await expect(nodeCard(page, id)).toBeVisible();
  await expect(inspector(page)).toContainText(id);
}

async function writeIn(page: Page, fields: Locator, label: string, text: string): Promise<void> {
  const field = fields.locator(`.cm-content[aria-label="${label}"]`);
  await field.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
  await expect(field).toHaveText(text);
  await page.keyboard.press("Escape");
}

/** How the drawing shows a step: the tone of its whole, and the number of its compensation. */
async function shownAt(page: Page, id: string): Promise<string> {
  const card = nodeCard(page, id);
  const number = card.locator(".node-deed-number");
  const tone = await card.getAttribute("data-way");
  return (await number.count()) === 0 ? `${tone}` : `${tone} ${await number.textContent()}`;
}

test("a saga of three steps is drawn from nothing", async ({ page }) => {
  await signIn(page);
  name = await createFlow(page, `Place order ${mark}`);

  await test.step("source, start, and what the saga is named after", async () => {
    await dragKind(page, "webhook-source", { x: 0.1, y: 0.4 });
    await inspector(page).getByLabel("Path").fill(`sagas-draw-${mark}`);
    await addBehind(page, "saga-start", "saga-start");
    await writeExpression(page, "Business key", "body.id");
  });

  await test.step("each step: what it does, what undoes it", async () => {
    for (const [index, id] of steps.entries()) {
      await addBehind(page, "saga-step", id);
      await inspector(page).getByLabel("Name of the node").fill(names[index]!);
      await expect(nodeCard(page, id)).toContainText("not undone");
      await expect(nodeCard(page, id)).toHaveAttribute("data-invalid", "true");
      await writeIn(page, group(page, "Action"), "Address", `/${id}`);
      // What is wrong with it stands above its settings, which move as it changes.
      await expect(inspector(page)).toContainText("The saga ends nowhere");
      await inspector(page).getByRole("button", { name: "Add compensation" }).click();
      await writeIn(page, group(page, "Compensation"), "Address", `/${id}/\${body.${id.replaceAll("-", "_")}.id}/undo`);
      await inspector(page).getByLabel("Output into").fill(id.replaceAll("-", "_"));
      await expect(nodeCard(page, id)).toContainText(`POST /${id}`);
      await expect(nodeCard(page, id)).not.toContainText("not undone");
      await expect(group(page, "Compensation").getByTestId("expression-result").first()).toContainText(
        `/${id}/${id}-id/undo`,
      );
    }
    await writeIn(page, group(page, "Action"), "Body", "{'order': key, 'charged': body.saga_step_2.id}");
    await expect(group(page, "Action").getByTestId("expression-result").last()).toContainText("saga-step-2-id");
  });

  await test.step("a compensation is removed as one, and back with one step", async () => {
    await inspector(page).getByRole("button", { name: "Remove compensation" }).click();
    await expect(nodeCard(page, "saga-step-3")).toContainText("not undone");
    await nodeCard(page, "saga-step-3").locator(".node-title").click();
    await page.keyboard.press("ControlOrMeta+z");
    await expect(nodeCard(page, "saga-step-3")).not.toContainText("not undone");
  });

  await test.step("behind a step the list offers what may stand in a saga, its own kinds first", async () => {
    await chooseNode(page, "saga-step-3");
    await page.getByRole("button", { name: "Add a node behind Book carrier" }).click();
    const list = page.getByRole("dialog", { name: "Add a node" });
    await expect(list.getByRole("option").first()).toContainText("Saga step");
    await expect(list.getByRole("option", { name: /^HTTP request/ })).toHaveCount(0);
    await list.getByRole("combobox").fill("saga end");
    await page.keyboard.press("Enter");
    await expect(page.locator('[data-edge-id="saga-step-3>saga-end"]')).toBeAttached();
  });

  await test.step("one ground lies behind all that is the saga", async () => {
    await expect(page.locator("[data-saga=saga-start] .saga-ground")).toBeAttached();
    await expect(page.getByRole("button", { name: "No problems" })).toBeVisible();
    await waitUntilSaved(page);
  });
});

/** The drawing slides to what was chosen, and its neighbours out of sight; a person brings them back. */
async function showAll(page: Page): Promise<void> {
  await waitUntilStill(page);
  await page.getByRole("button", { name: "Fit the drawing" }).click();
  await waitUntilStill(page);
}

test("its failure is simulated at each step, over an example", async ({ page }) => {
  await signIn(page);
  await openFlow(page, name);

  await test.step("at the first, from the node's menu: nothing is to be undone", async () => {
    await nodeCard(page, "saga-step").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Simulate failure here" }).click();
    await expect(simulation(page)).toContainText("If Reserve stock fails");
    await expect(simulation(page).getByTestId("simulated-outcome")).toContainText("There is nothing to undo");
    await expect.poll(() => shownAt(page, "saga-step")).toBe("bad");
    await expect.poll(() => shownAt(page, "saga-step-2")).toBe("off");
  });

  await test.step("at the second, chosen on the drawing: the first is undone, with its payload", async () => {
    await showAll(page);
    await nodeCard(page, "saga-step-2").locator(".node-title").click();
    await expect(simulation(page)).toContainText("If Charge card fails");
    await expect(undone(page)).toHaveCount(1);
    await expect(undone(page).first()).toContainText("POST /saga-step/saga-step-id/undo");
    await expect.poll(() => shownAt(page, "saga-step")).toBe("undo 1");
  });

  await test.step("at the third, by the keyboard: both, in reverse order", async () => {
    await page.keyboard.press("Escape");
    await expect(simulation(page)).toHaveCount(0);
    await showAll(page);
    await nodeCard(page, "saga-step-3").locator(".node-title").click();
    await page.keyboard.press("Shift+F");
    await expect(undone(page)).toHaveCount(2);
    await expect(undone(page).first()).toContainText("Charge card");
    await expect.poll(() => shownAt(page, "saga-step-2")).toBe("undo 1");
    await expect.poll(() => shownAt(page, "saga-step")).toBe("undo 2");
  });

  await test.step("its answer lost: it is undone, too", async () => {
    await simulation(page).getByRole("button", { name: "May have taken effect" }).click();
    await expect(undone(page)).toHaveCount(3);
    await expect.poll(() => shownAt(page, "saga-step-3")).toBe("bad 1");
    await expect(page).toHaveURL(/fails=maybe/);
  });

  await test.step("over another message, and other answers", async () => {
    await simulation(page).getByLabel("Body", { exact: true }).fill('{"id": "o-77"}');
    await simulation(page)
      .getByRole("button", { name: /^Fails Book carrier/ })
      .click();
    await expect(simulation(page)).toContainText('"order": "o-77"');
    await simulation(page)
      .getByRole("button", { name: /^Done Reserve stock/ })
      .click();
    await simulation(page).getByLabel("Its answer, as assumed").fill('{"id": "r-9"}');
    await expect(undone(page).last()).toContainText("POST /saga-step/r-9/undo");
  });

  await test.step("a link opens the same; the palette ends it", async () => {
    await page.reload();
    await expect(simulation(page)).toContainText("If Book carrier fails");
    await page.keyboard.press("ControlOrMeta+k");
    await page.getByRole("dialog").getByRole("combobox").fill("end the simulation");
    await page.keyboard.press("Enter");
    await expect(simulation(page)).toHaveCount(0);
    await expect(nodeCard(page, "saga-step")).not.toHaveAttribute("data-way");
  });
});

test("it is deployed, and every node of it runs", async ({ page }) => {
  await signIn(page);
  await openFlow(page, name);
  await deploy(page);
  const [status] = await flowJson<{ desired: string; state: string }[]>(["status", name]);
  expect(status).toMatchObject({ desired: "running", state: "running" });
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v1 stopped/)).toBeVisible();
});
