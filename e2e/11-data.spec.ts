/** Data beside the drawing: types from a schema, completion, samples of a topic, input and output beside the settings, lines that map. */
import type { Locator, Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import { findGrave } from "./axe";
import { chooseNode, expressionField, inspector, openFlow, waitUntilSaved, writeExpression } from "./drawing";
import { createTopic, produce } from "./services";
import { pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
const [name, topic] = [`data-${mark}`, `data.${mark}`];
const schema = {
  type: "object",
  required: ["id", "total"],
  properties: {
    id: { type: "string", description: "Number of the order" },
    total: { type: "number" },
    country: { type: "string" },
    address: { type: "object", properties: { city: { type: "string" } } },
    note: { type: "string" },
  },
};
const target = {
  type: "object",
  required: ["id", "town"],
  properties: { id: { type: "string" }, town: { type: "string" }, total: { type: "number" } },
};

test("types, completion, samples, input and output beside the settings, and lines that map", async ({ page }) => {
  test.setTimeout(75_000);
  await page.setViewportSize({ width: 1600, height: 900 });
  await createTopic(topic);
  await produce(
    topic,
    [40, 120, 900].map((total, index) => ({
      key: `o-${index + 1}`,
      value: JSON.stringify({ id: `o-${index + 1}`, total, country: "DE", address: { city: "Köln" } }),
    })),
  );
  await pushFlow({
    name,
    nodes: [
      { id: "orders", kind: "kafka-source", config: { topic, schema } },
      { id: "big", kind: "filter", config: { when: "body.totl > 100" } },
      { id: "shape", kind: "map", config: { set: { total: "body.total" }, target } },
      { id: "out", kind: "kafka-sink", config: { topic: `${topic}.out`, key: "body.id" } },
    ],
    edges: [
      { from: "orders", to: "big" },
      { from: "big.pass", to: "shape" },
      { from: "shape", to: "out" },
    ],
  });
  await signIn(page);
  await openFlow(page, name);

  await test.step("a field that the schema does not know is a warning with what was meant", async () => {
    await chooseNode(page, "big");
    await expect(inspector(page).getByText("gives no field totl in body. Did you mean total?").first()).toBeVisible();
    // A warning does not hide what the expression gives.
    await expect(inspector(page).getByTestId("expression-result")).toContainText("absent");
  });

  await test.step("completion has types, signatures and words", async () => {
    const list = page.getByRole("listbox");
    const begin = async (text: string) => {
      await expressionField(page, "Pass when").click();
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.insertText(text);
      await page.keyboard.press("Control+Space");
    };
    await begin("body.to");
    await expect(list.getByRole("option", { name: /^total/ })).toContainText("number · ");
    await begin("body.i");
    await expect(page.getByText("Number of the order")).toBeVisible();
    await begin("body.country.sta");
    await expect(list.getByRole("option", { name: /^startsWith/ })).toContainText("(part): bool");
    await page.keyboard.press("Escape");
    await writeExpression(page, "Pass when", "body.total > 100");
    await expect(inspector(page).getByText("Did you mean")).toHaveCount(0);
  });

  await test.step("the samples come from the topic, and the expression is tried on all of them", async () => {
    await inspector(page).getByRole("button", { name: "On all 3" }).click();
    const table = inspector(page).getByRole("table", { name: "Works on all 3 samples" });
    for (const [key, result] of [
      ["o-3", "true"],
      ["o-2", "true"],
      ["o-1", "false"],
    ] as const)
      await expect(table.getByRole("row", { name: key })).toContainText(result);
  });

  await test.step("input and output stand beside the settings, by the same code as the worker's", async () => {
    await inspector(page).getByRole("button", { name: "Input and output beside the settings" }).click();
    const [input, output] = [page.getByRole("region", { name: "Input" }), page.getByRole("region", { name: "Output" })];
    const pick = async (key: string) => {
      await input.getByRole("combobox", { name: "Sample", exact: true }).click();
      await page.getByRole("option", { name: key }).click();
    };
    await pick("o-3");
    await expect(input.locator('[data-path="body.total"]')).toContainText("900");
    await expect(output.getByText("pass", { exact: true })).toBeVisible();
    await pick("o-1");
    await expect(input.locator('[data-path="body.total"]')).toContainText("40");
    await expect(output.getByText("rest", { exact: true })).toBeVisible();
    expect(await findGrave(page)).toEqual([]);
    await takePictures(page, "data-beside");
  });

  await test.step("a field goes into the expression: dragged, or by Enter", async () => {
    await writeExpression(page, "Pass when", "has()");
    await expressionField(page, "Pass when").click();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    const input = page.getByRole("region", { name: "Input" });
    await input.locator('[data-path="body.address.city"]').press("Enter");
    await expect(expressionField(page, "Pass when")).toHaveText("has(body.address.city)");
    await expressionField(page, "Pass when").click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("Backspace");
    await dragOnto(page, input.locator('[data-path="body.country"]'), expressionField(page, "Pass when"));
    await expect(expressionField(page, "Pass when")).toHaveText("body.country");
    await writeExpression(page, "Pass when", "body.total > 100");
  });

  await test.step("lines map fields, by hand and by keys", async () => {
    await chooseNode(page, "shape");
    await inspector(page).getByRole("button", { name: "Map fields by lines" }).click();
    const mapper = page.getByRole("dialog", { name: "Map fields" });
    await expect(mapper.getByRole("status")).toHaveText("Missing: town");
    await dragOnto(page, mapper.locator('[data-path="body.address.city"]'), mapper.locator('[data-target="town"]'));
    await expect(mapper.getByRole("status")).toHaveText("Every required field is filled.");
    await mapper.locator('[data-path="body.country"]').press("Enter");
    await mapper.getByRole("button", { name: "Put body.country into a new field" }).press("Enter");
    await expect(mapper.locator('[data-target="country"]')).toBeVisible();
    await expect(mapper.locator("svg path[stroke='var(--accent)']")).toHaveCount(3);
    expect(await findGrave(page)).toEqual([]);
    await takePictures(page, "data-mapper");
    await mapper.getByRole("button", { name: "Done" }).click();
    await expect(page.getByRole("region", { name: "Output" }).locator('[data-path="body.town"]')).toContainText("Köln");
    await waitUntilSaved(page);
  });
});

/** A browser says that something is dragged over a place with the second move there, and what was never over it is not dropped on it. */
async function dragOnto(page: Page, what: Locator, place: Locator): Promise<void> {
  await what.hover();
  await page.mouse.down();
  await place.hover();
  await place.hover();
  await page.mouse.up();
}

async function takePictures(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: test.info().outputPath(`${what}-${colorScheme}.png`) });
  }
}
