/** Many dead letters sent again: those that fit, tried before, at a rate, held and ended while they are sent. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./app";
import { deploy, openFlow, pickFromDeployMenu } from "./drawing";
import { createTopic, produce, readTopic } from "./services";
import { flowJson, pushFlow } from "./shell";

/** Pastes it as one, as a person would; what the editor offers meanwhile is sent away. */
async function writeInDialog(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByRole("dialog").locator(`.cm-content[aria-label="${label}"]`);
  await field.click();
  await page.keyboard.insertText(text);
  await expect(field).toHaveText(text);
  if (await page.locator(".cm-tooltip-autocomplete").isVisible()) await page.keyboard.press("Escape");
}

const mark = Date.now().toString(36);

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
  await writeInDialog(page, "New body", "{'n': body.n, 'mended': true}");
  await dialog.getByLabel("At most").fill("2");
  await dialog.getByRole("button", { name: "Dry run" }).click();
  const tried = dialog.getByRole("region", { name: "Dry run" });
  await expect(tried).toContainText("30 of 40 messages would be sent. Nothing was sent.");
  await expect(tried).toContainText("The condition fails on 3: not sent");
  await expect(tried.locator("tbody tr")).toHaveCount(10);
  await expect(tried.locator("tbody tr").first()).toContainText('"mended":true');
  expect((await flowJson<{ total: number }>(["dead", name])).total).toBe(40);

  await dialog.getByRole("button", { name: "Send 30 again" }).click();
  const strip = page.getByRole("region", { name: "Sending again" });
  await expect(strip).toContainText(/[1-9]\d* of 30 sent · 3 not chosen, as the condition fails/);
  await expect(strip).toContainText("at most 2/s");
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
  await openFlow(page, name);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v\d+ stopped/)).toBeVisible();
});
