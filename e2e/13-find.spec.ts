/** Where is order 4711: one box for whatever is known of a message; filters that are kept under a name. */
import { expect, signIn, test } from "./app";
import { createTopic, produce } from "./services";
import { flow, flowJson, pushFlow } from "./shell";

const mark = Date.now().toString(36);
const picture = async (page: import("@playwright/test").Page, name: string) => {
  if (!process.env.MILLRACE_PICTURES) return;
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${process.env.MILLRACE_PICTURES}/${name}-${scheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
};

test("a message is found by what is known of it, and where it rests is told", async ({ page }) => {
  const name = `find-${mark}`;
  const topic = `find.${mark}`;
  await createTopic(topic);
  await produce(topic, [
    { key: `c-${mark}`, value: JSON.stringify({ order: `o-${mark}` }) },
    { key: `d-${mark}`, value: JSON.stringify({ order: "other", total: "x" }) },
  ]);
  await pushFlow({
    name,
    title: `Found ${mark}`,
    settings: { trace: { share: 1 }, searchable: { order: "body.order" } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic } },
      { id: "check", kind: "filter", config: { when: "!has(body.total) || int(body.total) > 0" } },
      { id: "log", kind: "log", config: {} },
    ],
    edges: [
      { from: "in", to: "check" },
      { from: "check.pass", to: "log" },
    ],
  });
  await flowJson(["deploy", name, "--wait", "30"]);
  await expect.poll(async () => (await flowJson<{ total: number }>(["dead", name])).total, { timeout: 30_000 }).toBe(1);

  await signIn(page);
  await page.goto("/runs");
  const box = page.getByRole("searchbox", { name: "Find a message" });
  const rows = page.locator("tbody tr");
  await test.step("by an order number, a named value, a key", async () => {
    await box.fill(`o-${mark}`);
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(`Found ${mark}`);
    await expect(page).toHaveURL(new RegExp(`text=o-${mark}`));
    await box.fill(`order=o-${mark}`);
    await expect(page.getByText(`Messages whose order is o-${mark}.`)).toBeVisible();
    await expect(rows).toHaveCount(1);
    await box.fill(`d-${mark}`);
    await expect(page.getByRole("link", { name: "1 dead letter with this key" })).toBeVisible();
    await expect(rows).toHaveCount(1);
    await picture(page, "find");
    await page.getByRole("link", { name: "1 dead letter with this key" }).click();
    await expect(page.getByRole("complementary", { name: "Dead letter" })).toContainText(`d-${mark}`);
  });
  await test.step("by its place on the broker, from the palette", async () => {
    const { runs } = await flowJson<{ runs: { lane: string; position: string }[] }>(["find", `c-${mark}`]);
    const [{ lane, position }] = runs as [{ lane: string; position: string }];
    const spelled = `${lane.replace(/\/(\d+)$/, "[$1]")}@${position}`;
    await page.keyboard.press("ControlOrMeta+k");
    await expect(page.getByRole("dialog").getByRole("combobox")).toBeFocused();
    await page.keyboard.type(spelled);
    await page.getByRole("option", { name: `Find ${spelled} in runs` }).click();
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(`c-${mark}`);
  });
  await test.step("its message is sent again from its source, edited; the run of that one is found", async () => {
    await rows.getByRole("link").first().click();
    await expect(page.getByRole("heading", { name: "Steps" })).toBeVisible();
    await page.locator("header").getByRole("button", { name: "More" }).click();
    await picture(page, "run-menu");
    await page.getByRole("menuitem", { name: "Send again from its source…" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByLabel("Body")).toHaveValue(new RegExp(`o-${mark}`));
    await expect(dialog).toContainText("What may happen twice");
    await dialog.getByLabel("Body").fill(JSON.stringify({ order: `again-${mark}` }));
    await picture(page, "resend");
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
    await expect(dialog).toContainText("Sent");
    await dialog.getByRole("link", { name: "Find its run" }).click();
    await expect(page).toHaveURL(/\/runs\?text=/);
    await expect(async () => {
      await page.reload();
      await expect(rows).toHaveCount(1, { timeout: 1_000 });
    }).toPass({ timeout: 15_000 });
    await box.fill(`again-${mark}`);
    await expect(rows).toHaveCount(1);
  });
  await test.step("a filter is kept under a name, found again and removed", async () => {
    await page.goto("/runs?state=dead&within=1h");
    await expect(page.getByText("In the last")).toBeVisible();
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByLabel("Keep this filter as").fill(`Dead ${mark}`);
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await expect(page.getByText(`Kept as “Dead ${mark}”`)).toBeVisible();
    await page.goto("/runs");
    await page.getByRole("button", { name: "Views" }).click();
    await picture(page, "views");
    await page.getByRole("link", { name: `Dead ${mark}` }).click();
    await expect(page).toHaveURL(/state=dead&within=1h/);
    await expect(rows.filter({ hasText: `d-${mark}` })).toHaveCount(1);
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("button", { name: `Remove Dead ${mark}` }).click();
    await expect(page.getByRole("link", { name: `Dead ${mark}` })).toHaveCount(0);
  });
  const shown = await flow(["find", `d-${mark}`]);
  expect(shown.out).toContain("1 dead letter with this key");
  await flow(["stop", name]);
});
