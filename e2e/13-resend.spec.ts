/** Sending again from a run: told from the version that runs now, and a step's message sent into its node alone. */
import { ada, expect, makeMark, signIn, test } from "./app";
import { createTopic, produce } from "./services";
import { flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
const [name, topic] = [`resend-${mark}`, `resend.${mark}`];
const picture = async (page: import("@playwright/test").Page, of: string) => {
  if (!process.env.MILLRACE_PICTURES) return;
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${process.env.MILLRACE_PICTURES}/resend-${of}-${scheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
};

const draw = (factor: number, sink: string) => ({
  name,
  title: `Sent again ${mark}`,
  settings: { trace: { share: 1 } },
  nodes: [
    { id: "in", kind: "kafka-source", config: { topic } },
    { id: "price", title: "Price", kind: "map", config: { set: { total: `body.price * ${factor}` } } },
    { id: "out", title: sink, kind: "queue-sink", config: { queue: `resend-${mark}` } },
  ],
  edges: [
    { from: "in", to: "price" },
    { from: "price", to: "out" },
  ],
});

test("what came to a step is sent into its node of the version that runs now", async ({ page }) => {
  await createTopic(topic);
  await produce(topic, [{ key: `k-${mark}`, value: JSON.stringify({ price: 3 }) }]);
  await pushFlow(draw(2, "Bill"));
  await flowJson(["deploy", name, "--wait", "30"]);
  const runs = async () => (await flowJson<{ runs: { id: string; version: number }[] }>(["runs", name])).runs;
  await expect.poll(async () => (await runs()).length, { timeout: 30_000 }).toBe(1);
  const [first] = await runs();
  await pushFlow(draw(10, "Ship"));
  await flowJson(["deploy", name, "--wait", "30"]);

  await signIn(page);
  await page.goto(`/runs/${first!.id}`);
  await expect(page.getByRole("heading", { name: "Steps" })).toBeVisible();
  const dialog = page.getByRole("dialog");
  await test.step("from its source: both versions are told", async () => {
    await page.locator("header").getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Send again from its source…" }).click();
    await expect(dialog).toContainText("Version 2 runs now and works it; this run was worked by version 1.");
    await expect(dialog).toContainText("“Ship” will have it twice");
    await picture(page, "source");
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
    await expect(dialog).toContainText(`It is at ${topic}/`);
    await test.step("the key that sent ends now: a second press sends nothing", async () => {
      await expect(dialog.getByRole("button", { name: "Done" })).toBeFocused();
      await page.keyboard.press("Enter");
      await expect(dialog).toHaveCount(0);
      await expect.poll(async () => (await runs()).length, { timeout: 30_000 }).toBe(2);
    });
  });

  await test.step("from a step, edited", async () => {
    await page.getByRole("button", { name: /Price/ }).first().click();
    await page
      .getByRole("complementary", { name: "Step", exact: true })
      .getByRole("button", { name: "Send from here…" })
      .click();
    await expect(dialog.getByRole("heading", { name: "Send from Price" })).toBeVisible();
    await expect(dialog).toContainText("“Ship” will have it twice");
    await dialog.getByLabel("Body").fill('{"price": 4}');
    await picture(page, "step");
    await dialog.getByRole("button", { name: "Send edited" }).click();
    await expect(dialog).toContainText("On its way to version 2");
    await picture(page, "sent");
    await dialog.getByRole("link", { name: "Find its run" }).click();
    await expect(page).toHaveURL(/\/runs\?text=/);
    const rows = page.locator("tbody tr");
    await expect(async () => {
      await page.reload();
      await expect(rows).toHaveCount(1, { timeout: 1_000 });
    }).toPass({ timeout: 20_000 });
    await rows.getByRole("link").first().click();
    await expect(page.getByRole("complementary", { name: "Step", exact: true })).toContainText("40");
  });

  await test.step("its run leads back to the one that it came from", async () => {
    await page.locator("header").getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Open the run it came from" }).click();
    await expect(page).toHaveURL(new RegExp(first!.id));
    const again = page.getByRole("region", { name: "Sent again", exact: true });
    await expect(again).toContainText(`by ${ada.email}`);
    await expect(again.getByRole("link", { name: "find that run" })).toHaveCount(2);
  });

  await test.step("a case is made of what came to the flow", async () => {
    await page.goto(`/runs/${first!.id}`);
    await page.locator("header").getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Keep as test case…" }).click();
    await expect(dialog.getByLabel("Lines")).toHaveValue(`{"key":"k-${mark}","body":{"price":3}}`);
    await dialog.getByRole("button", { name: "Import 1 case" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page).toHaveURL(new RegExp(`/flows/${name}/tests\\?case=`));
  });
});
