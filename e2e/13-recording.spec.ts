/** What a flow records: a searchable and a masked field, seen by who may; everything of one customer for a time. */
import type { Browser, Page } from "@playwright/test";
import { addressOfApp, expect, makeMark, signIn, test } from "./app";
import { findGrave } from "./axe";
import { deploy, openFlow, pickFromDeployMenu, waitUntilSaved } from "./drawing";
import { createTopic, produce } from "./services";
import { pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
const [name, topic] = [`recording-${mark}`, `recording.${mark}`];
const secret = `4111-${mark}-1111`;
const viewer = { name: "Vera Viewer", email: `vera-${mark}@example.org`, password: "correct-horse-9" };

const picture = async (page: Page, of: string) => {
  if (!process.env.MILLRACE_PICTURES) return;
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `${process.env.MILLRACE_PICTURES}/${of}-${scheme}.png` });
  }
};

const send = (order: string, customer: number) =>
  produce(topic, [
    { key: order, value: JSON.stringify({ order, customer: { id: customer }, card: { number: secret } }) },
  ]);

async function openAsViewer(page: Page, browser: Browser): Promise<Page> {
  const added = await page.request.post("/api/trpc/settings.addUser", {
    data: { json: { ...viewer, role: "viewer" } },
    headers: { origin: addressOfApp() },
  });
  expect(added.ok(), await added.text()).toBe(true);
  const other = await (await browser.newContext()).newPage();
  await signIn(other, viewer);
  return other;
}

test("a flow says what is recorded of its messages, and who sees what of it", async ({ page, browser }) => {
  await createTopic(topic);
  const nodes = [
    { id: "in", kind: "kafka-source", config: { topic } },
    { id: "rename", kind: "map", config: { set: { pan: "body.card.number" } } },
    { id: "seen", kind: "log", config: {} },
  ];
  const edges = [
    { from: "in", to: "rename" },
    { from: "rename", to: "seen" },
  ];
  await pushFlow({ name, nodes, edges });
  await signIn(page);
  await openFlow(page, name);

  await test.step("in the flow's settings: failed runs only, a searchable field, a masked one", async () => {
    await pickFromDeployMenu(page, "Flow settings");
    const settings = page.getByRole("dialog");
    await settings.getByRole("radio", { name: /^Failed runs only/ }).check();
    await settings.getByLabel("Days that runs are kept").fill("0");
    await expect(settings).toContainText("A whole number from 1 to 400, or nothing.");
    await settings.getByLabel("Days that runs are kept").fill("30");
    await settings.getByRole("button", { name: "Add a searchable field" }).click();
    await settings.getByLabel("Name of searchable field 1").fill("order");
    await settings.getByLabel("Expression of searchable field 1").fill("bdy.order");
    await expect(settings).toContainText("`bdy` is not known here");
    await expect(settings.getByRole("button", { name: "Apply" })).toBeDisabled();
    await settings.getByLabel("Expression of searchable field 1").fill("body.order");
    await settings.getByRole("button", { name: "Add a masked field" }).click();
    await expect(settings.getByLabel("Path of masked field 1")).toBeFocused();
    await expect(settings.getByText("Fill it in, or remove it.")).toBeVisible();
    await expect(settings.getByRole("button", { name: "Apply" })).toBeDisabled();
    await settings.getByLabel("Path of masked field 1").fill("body.card.number");
    expect(await findGrave(page)).toEqual([]);
    await picture(page, "recording-settings");
    await settings.getByRole("button", { name: "Apply" }).click();
    await waitUntilSaved(page);
    await deploy(page);
  });

  const bar = page.getByRole("region", { name: "Recorded for a time" });
  await test.step("everything of one customer for an hour, without a deploy", async () => {
    await page.goto(`/flows/${name}/runs`);
    await page.getByRole("button", { name: "Record everything of…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Messages where").fill("body.customer.id");
    await dialog.getByLabel("Messages where").fill("body.customer.id == 42");
    await picture(page, "record-dialog");
    await dialog.getByRole("button", { name: "Record", exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect(bar).toContainText("Recording everything where body.customer.id == 42");
    await expect(bar).toContainText("asked by ada@example.org");
  });

  const row = (at: Page, order: string) => at.getByRole("row").filter({ hasText: order });
  await test.step("what matches is there, what does not is not", async () => {
    await expect(async () => {
      await send(`other-${mark}`, 7);
      await send(`order-${mark}`, 42);
      await expect(row(page, `order-${mark}`).first()).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 20_000 });
    await expect(row(page, `other-${mark}`)).toHaveCount(0);
    expect(await findGrave(page)).toEqual([]);
    await picture(page, "recording-runs");
  });

  await test.step("a viewer finds it by the searchable field, and sees bullets for the masked one", async () => {
    const other = await openAsViewer(page, browser);
    const ask = async (at: Page, text: string) => {
      const input = encodeURIComponent(JSON.stringify({ json: { flow: name, text } }));
      const answer = await at.request.get(`/api/trpc/runs.list?input=${input}`);
      return (await answer.json()).result.data.json.runs.length;
    };
    expect(await ask(other, `order-${mark}`)).toBeGreaterThan(0);
    expect(await ask(other, secret)).toBe(0);
    await other.goto(`/flows/${name}/runs`);
    await expect(other.getByRole("button", { name: "Record everything of…" })).toHaveCount(0);
    await expect(other.getByRole("region", { name: "Recorded for a time" })).toContainText("body.customer.id == 42");
    await row(other, `order-${mark}`).first().getByRole("link").first().click();
    await other.waitForURL(/\/runs\/[0-9a-f-]{36}/);
    await expect(other.locator("main")).toContainText(
      /••• hides what the flow masks: .* \(shown from the role \w+ on\)/,
    );
    await expect(other.locator("body")).not.toContainText(secret);
    await picture(other, "recording-masked");
    await page.goto(other.url());
    await expect(page.locator("main")).toContainText(secret);
    await other.context().close();
  });

  await test.step("it is stopped before its time", async () => {
    await page.goto(`/flows/${name}/runs`);
    await bar.getByRole("button", { name: "Stop" }).click();
    await expect(bar).not.toContainText("Recording everything");
  });
});
