/** Many dead letters sent again: those that fit, tried before, at a rate, held and ended while they are sent. */
import { readFile } from "node:fs/promises";
import { expect, makeMark, signIn, test } from "./app";
import { deploy, openFlow, pickFromDeployMenu, writeInDialog } from "./drawing";
import { createTopic, produce, readTopic } from "./services";
import { flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url);

test("dead letters are chosen by a condition, tried, sent at a rate, held over a reload, and stopped", async ({
  page,
}) => {
  const [name, from, to] = [`again-${mark}`, `again.${mark}.in`, `again.${mark}.out`];
  await createTopic(from);
  await createTopic(to);
  const file = (when: string) => ({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic: from } },
      { id: "check", kind: "filter", config: { when } },
      { id: "out", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [
      { from: "in", to: "check" },
      { from: "check.pass", to: "out" },
    ],
  });
  await produce(
    from,
    Array.from({ length: 40 }, (_, n) => ({
      key: `k-${n}`,
      value: JSON.stringify({ n, ...(n < 3 ? {} : { total: n }) }),
    })),
  );
  await pushFlow(file("int('x' + string(body.n)) > 0"));
  await signIn(page);
  await openFlow(page, name);
  await deploy(page);
  await expect
    .poll(async () => (await flowJson<{ total: number }>(["dead", name])).total, { timeout: 30_000 })
    .toBe(40);
  await pushFlow(file("true"));
  await flowJson(["deploy", name, "--wait", "30"]);

  await page.goto(`/dead-letters?flow=${name}`);
  const causes = page.getByRole("navigation", { name: "Causes" });
  await expect(causes.getByRole("img", { name: "40 in the last 24 hours, 40 in the last one" })).toBeVisible();
  const downloading = page.waitForEvent("download");
  await causes.getByRole("button", { name: "What to do with these 40" }).click();
  await page.getByRole("menuitem", { name: "Export as NDJSON" }).click();
  const lines = (await readFile(await (await downloading).path(), "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(40);
  expect(JSON.parse(lines[0]!)).toMatchObject({ flow: name, node: "check", cause: { code: "expression-failed" } });
  await page.getByRole("button", { name: `Send all 40 of ${name} again` }).click();
  const dialog = page.getByRole("dialog");
  await writeInDialog(page, "Only those where", "body.total >= 10 && cause.code == 'expression-failed'");
  await dialog.getByLabel("Change each message first").click();
  await dialog.getByRole("button", { name: "A whole new body" }).click();
  await writeInDialog(page, "New body", "{'n': body.n, 'mended': true}");
  await dialog.getByLabel("At most").fill("2");
  await dialog.getByRole("button", { name: "Dry run" }).click();
  const tried = dialog.getByRole("region", { name: "Dry run" });
  await expect(tried).toContainText("30 of 40 messages would be sent. Nothing was sent.");
  await expect(tried).toContainText("The condition fails on 3: not sent");
  await expect(tried.locator("tbody tr")).toHaveCount(10);
  await expect(tried.locator("tbody tr").first()).toContainText(/mended\s*nothing\s*true/);
  expect((await flowJson<{ total: number }>(["dead", name])).total).toBe(40);

  await dialog.getByRole("button", { name: "Send 30 again" }).click();
  const strip = page.getByRole("region", { name: "Sending again" });
  await expect(strip).toContainText(/[1-9]\d* of 30 sent · 3 not chosen, as the condition fails/);
  await expect(strip).toContainText("at most 2/s");
  // What is on its way stays listed, with its state.
  await expect(page.getByRole("table").getByRole("button", { name: "Queued" }).first()).toBeVisible();
  await page.reload();
  await expect(strip.getByRole("progressbar")).toHaveAttribute("aria-valuenow", /[1-9]/);
  await strip.getByRole("button", { name: "Pause" }).click();
  await expect(strip).toContainText(`Paused: ${name}`);
  await strip.getByRole("button", { name: "Resume" }).click();
  await expect(strip).toContainText(`Sending again: ${name}`);
  await strip.getByRole("button", { name: "Stop" }).click();
  await expect(strip).toContainText(`Stopped: ${name}`);

  interface Redrive {
    state: string;
    asked: number;
    sent: number;
    changed: number;
    left: number;
  }
  const read = async () => (await flowJson<Redrive[]>(["redrives", name]))[0]!;
  await expect.poll(async () => (await read()).left).toBe(0);
  const ended = await read();
  expect(ended).toMatchObject({ state: "stopped", asked: 30, changed: ended.sent });
  expect(ended.sent).toBeLessThan(30);
  expect((await flowJson<{ total: number }>(["dead", name])).total).toBe(40 - ended.sent);
  const arrived = await readTopic(to, ended.sent);
  expect(arrived).toHaveLength(ended.sent);
  expect(arrived.every(({ value }) => value?.includes('"mended":true'))).toBe(true);
  const discarded = await flowJson<{ discarded: number }>(["dead-discard", name, "--all", "--reason", "tried out"]);
  expect(discarded.discarded).toBe(40 - ended.sent);
  // A discard is taken back: one letter where it is read, two that are chosen, the others from the shell.
  await page.goto(`/dead-letters?flow=${name}&state=discarded`);
  const rows = page.locator("tbody tr");
  await rows.first().click();
  const letter = page.getByRole("complementary", { name: "Dead letter" });
  await expect(letter).toContainText(/Discarded by \S+, .*: tried out/);
  await letter.getByRole("button", { name: "Take back" }).click();
  await expect(letter.getByRole("button", { name: "Send again" })).toBeVisible();
  await letter.getByRole("button", { name: "Close" }).click();
  for (const row of [0, 1]) await rows.nth(row).getByRole("checkbox").click();
  await page.getByRole("button", { name: "Take back" }).click();
  await expect(page.getByText("2 dead letters taken back")).toBeVisible();
  expect((await flowJson<{ total: number }>(["dead", name])).total).toBe(3);
  expect(await flowJson(["dead-take-back", name, "--all"])).toEqual({ waiting: 40 - ended.sent - 3 });
  await flowJson(["dead-discard", name, "--all", "--reason", "tried out"]);
  await openFlow(page, name);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v\d+ stopped/)).toBeVisible();
});

test("one is mended by hand, the others by setting a field; what was typed is not lost by Escape, and each tells what became of it", async ({
  page,
}) => {
  const [name, from, to] = [`mend-${mark}`, `mend.${mark}.in`, `mend.${mark}.out`];
  await createTopic(from);
  await createTopic(to);
  const value = (n: number) => JSON.stringify({ n, price: "12,5" });
  await produce(
    from,
    Array.from({ length: 4 }, (_, n) => ({ key: `m-${n}`, value: value(n) })),
  );
  await pushFlow({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic: from } },
      { id: "check", title: "Look at the price", kind: "filter", config: { when: "body.price > 0" } },
      { id: "out", kind: "kafka-sink", config: { topic: to } },
    ],
    edges: [
      { from: "in", to: "check" },
      { from: "check.pass", to: "out" },
    ],
  });
  await signIn(page);
  await openFlow(page, name);
  await deploy(page);
  const total = async () => (await flowJson<{ total: number }>(["dead", name])).total;
  await expect.poll(total, { timeout: 30_000 }).toBe(4);
  const dialog = page.getByRole("dialog");
  const letter = page.getByRole("complementary", { name: "Dead letter" });

  await test.step("one by hand", async () => {
    await page.goto(`/dead-letters?flow=${name}`);
    await page.getByRole("searchbox", { name: "Find by key" }).fill("m-0");
    await page.keyboard.press("Enter");
    const rows = page.getByRole("table").locator("tbody tr");
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText("Look at the price");
    await rows.getByRole("button", { name: "Given up" }).click();
    await letter.getByRole("button", { name: "Edit and send…" }).click();
    await dialog.getByLabel("Body").fill('{"n":0,"price":12.5');
    await expect(dialog).toContainText("It is not JSON");
    await expect(dialog.getByRole("button", { name: "Send it all the same" })).toBeVisible();
    await dialog.getByLabel("Body").fill('{"n":0,"price":12.5}');
    await page.keyboard.press("Escape");
    await expect(dialog).toContainText("What you wrote here will be lost.");
    await dialog.getByRole("button", { name: "Keep writing" }).click();
    await expect(dialog.getByLabel("Body")).toHaveValue('{"n":0,"price":12.5}');
    await dialog.getByRole("button", { name: "Send again" }).click();
    await expect(dialog).toBeHidden();
    const sent = letter.getByRole("region", { name: "Sent again" });
    await expect(sent).toContainText(/Sent again by .+, to Look at the price, edited/);
    await expect(sent.getByRole("link", { name: "Open this run" })).toBeVisible({ timeout: 30_000 });
    await expect(sent).toContainText("Done");
  });

  await test.step("the others by a field", async () => {
    await page.goto(`/dead-letters?flow=${name}`);
    await page.getByRole("button", { name: "What to do with these 3" }).click();
    await page.getByRole("menuitem", { name: "Send all 3 again" }).click();
    await dialog.getByLabel("Change each message first").click();
    await expect(dialog.getByRole("button", { name: "Dry run" })).toBeDisabled();
    await dialog.getByRole("button", { name: "Set a field" }).click();
    await dialog.getByLabel("Field 1").fill("price");
    await writeInDialog(page, "Value of price", "double(body.price)");
    await dialog.getByRole("button", { name: "Dry run" }).click();
    const tried = dialog.getByRole("region", { name: "Dry run" });
    await expect(tried).toContainText("None would be sent: the change fails on 3 of 3");
    await expect(dialog.getByRole("button", { name: "Send 3 again" })).toBeDisabled();
    await page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: "Keep writing" }).click();
    await dialog.locator('.cm-content[aria-label="Value of price"]').fill("");
    await writeInDialog(page, "Value of price", "double(body.price.replace(',', '.'))");
    await dialog.getByRole("button", { name: "Dry run" }).click();
    await expect(tried).toContainText("3 of 3 messages would be sent.");
    await expect(tried.locator("tbody tr")).toHaveCount(3);
    await expect(tried.locator('tbody tr [data-field="body.price"]').first()).toHaveText('price"12,5"12.5');
    await dialog.getByRole("button", { name: "Send 3 again" }).click();
    const arrived = await readTopic(to, 4);
    expect(arrived.map(({ value }) => JSON.parse(value ?? "null")).sort((a, b) => a.n - b.n)).toEqual(
      [0, 1, 2, 3].map((n) => ({ n, price: 12.5 })),
    );
    const strip = page.getByRole("region", { name: "Sending again" });
    const done = strip.locator('[data-redrive="done"]').filter({ hasText: "3 of 3 sent" });
    await done.getByRole("button", { name: "Show them" }).click();
    const sent = page.getByRole("table").getByRole("button", { name: "Sent again" });
    await expect(sent).toHaveCount(3);
  });

  await openFlow(page, name);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v\d+ stopped/)).toBeVisible();
});
