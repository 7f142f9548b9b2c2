/** A person who knows none of this: Kafka → filter → map → Kafka on an own topic, tested on three of its messages, deployed. Counted. */
import type { Locator, Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import { expressionField, inspector, nodeCard, waitUntilRunning } from "./drawing";
import { createTopic, produce, readTopic } from "./services";

const mark = makeMark(import.meta.url, "serial");
const [from, to] = [`shop.${mark}.orders`, `shop.${mark}.large`];

/** Does what a person does, and counts it: each press of the mouse, and each field that is typed into (with the press that goes there). */
class Newcomer {
  clicks = 0;
  fields = 0;

  constructor(readonly page: Page) {}

  async click(target: Locator): Promise<void> {
    this.clicks++;
    await target.click();
  }

  async type(target: Locator, text: string): Promise<void> {
    this.fields++;
    await this.click(target);
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(text);
  }
}

test("a newcomer draws, tests and deploys a flow with at most 25 clicks and 12 typed fields", async ({ page }) => {
  await createTopic(from);
  await produce(
    from,
    [5, 20, 30].map((amount) => ({ key: `o-${amount}`, value: JSON.stringify({ id: `o-${amount}`, amount }) })),
  );
  await signIn(page);
  await page.goto("/flows");
  const person = new Newcomer(page);
  const kind = (name: string) => page.locator(`nav[aria-label=Palette] [data-kind="${name}"]`);
  const topic = inspector(page).getByRole("combobox", { name: "Topic" });

  await test.step("a flow and its source", async () => {
    await person.click(page.getByRole("button", { name: "New flow" }).first());
    await person.type(page.getByRole("dialog").getByLabel("Title"), `Large orders ${mark}`);
    await person.click(page.getByRole("button", { name: "Create flow" }));
    await page.waitForURL(/\/flows\/[a-z0-9-]+$/);
    await person.click(kind("kafka-source"));
    await person.type(topic, from);
    await person.click(page.getByRole("listbox", { name: "Topics" }).getByRole("option", { name: from }));
  });

  await test.step("filter and map, each wired behind the one before", async () => {
    await person.click(kind("filter"));
    await expect(page.locator('[data-edge-id="kafka-topic>filter"]')).toBeAttached();
    await person.type(expressionField(page, "Pass when"), "body.amount > 10");
    await person.click(kind("map"));
    await expect(page.locator('[data-edge-id="filter.pass>map"]')).toBeAttached();
    await person.click(inspector(page).getByRole("button", { name: "Set a field" }));
    await person.type(inspector(page).getByLabel("Field 1"), "total");
    await person.type(expressionField(page, "Value of total"), "body.amount * 2");
  });

  await test.step("a topic of its own, made there", async () => {
    await person.click(kind("kafka-sink"));
    await expect(page.locator('[data-edge-id="map>kafka-topic-2"]')).toBeAttached();
    await person.type(topic, to);
    await person.click(inspector(page).getByRole("button", { name: "Create topic" }));
    await expect(page.getByText(`Topic ${to} was created`)).toBeVisible();
  });

  await test.step("tested on three of its messages", async () => {
    await person.click(page.getByRole("link", { name: "Tests", exact: true }));
    await person.click(page.getByRole("button", { name: "Capture messages" }));
    await person.click(page.getByRole("button", { name: "Keep 3 cases" }));
    await expect(page.getByTestId("cases-summary")).toContainText("3 cases, all pass");
  });

  await test.step("deployed", async () => {
    await person.click(page.getByRole("link", { name: "Editor", exact: true }));
    await person.click(page.getByRole("button", { name: "Deploy", exact: true }));
    await person.click(page.getByRole("dialog").getByRole("radio", { name: "From the beginning" }));
    await person.click(page.getByRole("dialog").getByRole("button", { name: "Deploy", exact: true }));
    await waitUntilRunning(page);
    await expect(nodeCard(page, "map")).toHaveAttribute("data-state", "running");
    const written = await readTopic(to, 2);
    expect(written.map(({ value }) => JSON.parse(value ?? "{}").total).sort()).toEqual([40, 60]);
  });

  const counted = `${person.clicks} clicks, ${person.fields} typed fields`;
  test.info().annotations.push({ type: "Newcomer's walk", description: counted });
  process.stdout.write(`    Newcomer's walk: ${counted}\n`);
  expect(person.clicks).toBeLessThanOrEqual(25);
  expect(person.fields).toBeLessThanOrEqual(12);
});
