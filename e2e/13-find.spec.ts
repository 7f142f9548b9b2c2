/** Where is order 4711: one box for whatever is known of a message; filters that are kept under a name. */
import { expect, makeMark, signIn, test } from "./app";
import { createTopic, produce } from "./services";
import { flow, flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
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
    // A key here, an order number there.
    { key: `both-${mark}`, value: JSON.stringify({ order: "another" }) },
    { key: "of-both", value: JSON.stringify({ order: `both-${mark}` }) },
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
    await expect(page).toHaveURL(new RegExp(`key=d-${mark}`));
    await expect(rows).toHaveCount(1);
    await picture(page, "letters-by-key");
    await page.getByRole("button", { name: "Remove filter Key" }).click();
    await expect(page).not.toHaveURL(/key=/);
  });
  await test.step("by what it was found: told, counted, narrowed", async () => {
    await page.goto(`/runs?text=both-${mark}`);
    await expect(rows).toHaveCount(2);
    await expect(rows.filter({ hasText: "of-both" })).toContainText("order");
    const byKey = page.getByRole("button", { name: "1 by key" });
    await expect(page.getByRole("button", { name: "1 by order" })).toBeVisible();
    await picture(page, "found-by");
    await byKey.click();
    await expect(page).toHaveURL(/by=key/);
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(`both-${mark}`);
    await page.reload();
    await expect(byKey).toHaveAttribute("aria-pressed", "true");
    await expect(page.getByRole("button", { name: "1 by order" })).toBeVisible();
    await byKey.click();
    await expect(rows).toHaveCount(2);
  });
  await test.step("nothing found says what was looked in, and leads on", async () => {
    await page.goto(`/flows/${name}/runs?text=nothing-${mark}&state=dead`);
    await expect(page.getByRole("heading", { name: `Nothing found by nothing-${mark}` })).toBeVisible();
    await expect(page.getByText("Looked in, each whole: keys")).toBeVisible();
    await expect(page.getByText("The oldest run that is still kept began")).toBeVisible();
    await picture(page, "found-nothing");
    await page.getByRole("button", { name: "Search without the filters" }).click();
    await expect(page).not.toHaveURL(/state=/);
    await page.getByRole("link", { name: "Search all flows" }).click();
    await expect(page).toHaveURL(new RegExp(`/runs\\?text=nothing-${mark}`));
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
    await test.step("the open one is named, kept anew when it changed, renamed", async () => {
      const views = page.getByRole("button", { name: `Views: Dead ${mark}` });
      await expect(views).toBeVisible();
      await page.getByRole("button", { name: "Took an error port" }).click();
      await expect(page).toHaveURL(/state=dead,failed/);
      await picture(page, "view-changed");
      await page.getByRole("button", { name: "Changed — keep" }).click();
      await expect(page.getByRole("button", { name: "Changed — keep" })).toHaveCount(0);
      await views.click();
      const rename = page.getByRole("button", { name: `Rename Dead ${mark}` });
      await rename.click();
      await page.getByLabel(`New name of Dead ${mark}`).fill("no matter");
      await page.keyboard.press("Escape");
      await expect(page.getByLabel(`New name of Dead ${mark}`)).toHaveCount(0);
      await expect(rename).toBeFocused();
      await rename.click();
      await page.getByLabel(`New name of Dead ${mark}`).fill(`Lost ${mark}`);
      await page.keyboard.press("Enter");
      await expect(page.getByRole("link", { name: `Lost ${mark}` })).toBeVisible();
    });
    await page.getByRole("button", { name: `Remove Lost ${mark}` }).click();
    await expect(page.getByRole("link", { name: `Lost ${mark}` })).toHaveCount(0);
    await page.goto(`/flows/${name}/runs?state=dead`);
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByLabel("Keep this filter as").fill(`Of one ${mark}`);
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await expect(page.getByText(`Kept as “Of one ${mark}”`)).toBeVisible();
    await page.goto(`/flows/${name}/runs`);
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("link", { name: `Of one ${mark}` }).click();
    await expect(page).toHaveURL(new RegExp(`/flows/${name}/runs\\?state=dead`));
    await page.getByRole("button", { name: `Views: Of one ${mark}` }).click();
    await page.getByRole("button", { name: `Remove Of one ${mark}` }).click();
    await page.keyboard.press("Escape");
  });
  await test.step("the keyboard walks the rows, and what is read does not move", async () => {
    const some = Array.from({ length: 60 }, (_, nth) => ({
      key: `w-${nth}`,
      value: JSON.stringify({ order: `${nth}` }),
    }));
    await produce(topic, some);
    await expect(async () => {
      await page.goto(`/flows/${name}/runs`);
      await expect(rows).toHaveCount(65, { timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    const marked = page.locator("tr[aria-selected=true]");
    await page.getByLabel("Follow", { exact: true }).click();
    await box.focus();
    await page.keyboard.press("ArrowDown");
    await expect(marked).toHaveAttribute("data-row", (await rows.first().getAttribute("data-row"))!);
    await page.keyboard.press("ArrowUp");
    await expect(box).toBeFocused();
    await expect(marked).toHaveCount(0);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("End");
    await expect(marked).toHaveAttribute("data-row", (await rows.last().getAttribute("data-row"))!);
    await expect(marked).toBeInViewport();
    await page.keyboard.press("ArrowUp");
    const id = (await marked.getAttribute("data-row"))!;
    const first = (await rows.first().getAttribute("data-row"))!;
    const top = () => page.locator("div:has(> table)").evaluate((list) => list.scrollTop);
    const scrolled = await top();
    expect(scrolled).toBeGreaterThan(0);
    await produce(topic, [{ key: `new-${mark}`, value: JSON.stringify({ order: "new" }) }]);
    await expect(page.getByRole("button", { name: "1 new" })).toBeVisible();
    await expect(page.getByText("Follow pauses while you read")).toBeAttached();
    await picture(page, "follow-paused");
    expect([await rows.first().getAttribute("data-row"), await top()]).toEqual([first, scrolled]);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`/runs/${id}`));
    await expect(page.getByRole("heading", { name: "Steps" })).toBeVisible();
    await page.goBack();
    await expect(marked).toHaveAttribute("data-row", id);
    await expect(marked.getByRole("link")).toBeFocused();
    expect([await rows.first().getAttribute("data-row"), await top()]).toEqual([first, scrolled]);
    await expect(page.getByRole("switch")).toBeChecked();
    await page.getByRole("button", { name: "1 new" }).click();
    await expect(rows.first()).toContainText(`new-${mark}`);
    await expect(marked).toHaveCount(0);
    // Nothing is read now: who follows sees the next one at once.
    await produce(topic, [{ key: `next-${mark}`, value: JSON.stringify({ order: "next" }) }]);
    await expect(rows.first()).toContainText(`next-${mark}`);
  });
  const narrowed = ["find", `d-${mark}`, "--flow", name, "--state", "dead", "--since", "1h", "--version", "1"];
  expect((await flowJson<{ runs: object[] }>(narrowed)).runs).toMatchObject([
    { foundBy: expect.arrayContaining([{ by: "key" }]) },
  ]);
  expect((await flowJson<{ runs: object[] }>([...narrowed, "--attempts", "9"])).runs).toEqual([]);
  const shown = await flow(["find", `d-${mark}`]);
  expect(shown.out).toContain("1 dead letter with this key");
  await flow(["stop", name]);
});
