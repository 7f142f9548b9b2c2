/** Messages that no page was made for: fifty megabytes, bytes that are no text, ten thousand headers. They stay readable. */
import type { Page } from "@playwright/test";
import { Kafka, logLevel } from "kafkajs";
import { expect, makeMark, signIn, test } from "./app";
import { brokers } from "./services";
import { flow, flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
const [name, topic] = [`heavy-${mark}`, `heavy.${mark}.in`];
const kafka = new Kafka({ brokers, clientId: "heavy", logLevel: logLevel.NOTHING });
const megabytes = 50;
const headerCount = 10_000;

interface Letter {
  id: string;
  key: string;
  runId: string | null;
}

/** Opens the letter with this key, and gives its panel. */
async function openLetter(page: Page, letters: readonly Letter[], key: string) {
  const letter = letters.find((each) => each.key === key)!;
  await page.goto(`/dead-letters?flow=${name}&id=${letter.id}`);
  const panel = page.getByRole("complementary", { name: "Dead letter" });
  await expect(panel.getByRole("heading", { name: key })).toBeVisible({ timeout: 30_000 });
  return panel;
}

async function openRun(page: Page, letters: readonly Letter[], key: string): Promise<void> {
  const { runId } = letters.find((each) => each.key === key)!;
  await page.goto(`/runs/${runId}`);
  await expect(page.getByText("Failed at Check")).toBeVisible({ timeout: 30_000 });
}

test("what is very large, no text, or has very many headers is shown by its beginning and had whole", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = [{ name: "max.message.bytes", value: String(60_000_000) }];
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const headers = Object.fromEntries(Array.from({ length: headerCount }, (_, n) => [`h-${n}`, `value ${n}`]));
  for (const message of [
    { key: "huge", value: `{"n":"none","pad":"${"ab".repeat((megabytes * 1_000_000) / 2)}"}` },
    { key: "bytes", value: Buffer.alloc(2_000_000, 0xff) },
    { key: "headers", value: '{"n":"none"}', headers },
  ])
    await producer.send({ topic, messages: [message] });
  await producer.disconnect();
  await pushFlow({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic, start: "earliest" } },
      { id: "check", kind: "filter", config: { when: "int(body.n) > 0" } },
      { id: "end", kind: "log", config: {} },
    ],
    edges: [
      { from: "in", to: "check" },
      { from: "check.pass", to: "end" },
    ],
  });
  await flowJson(["deploy", name, "--wait", "30"]);
  const read = () => flowJson<{ items: Letter[] }>(["dead", name]);
  await expect.poll(async () => (await read()).items.length, { timeout: 90_000 }).toBe(3);
  const { items } = await read();
  await signIn(page);

  await test.step("fifty megabytes", async () => {
    const panel = await openLetter(page, items, "huge");
    await expect(panel.getByText(/Only its beginning: the first .* of 50 MB/)).toBeAttached();
    await panel.getByRole("tab", { name: "About" }).click();
    await expect(panel.getByText("Came from")).toBeVisible();
    await panel.getByRole("button", { name: "Edit and send…" }).click();
    await expect(page.getByRole("dialog")).toContainText("not by hand: it is larger than what is shown of it");
    await page.keyboard.press("Escape");
    await panel.getByRole("tab", { name: "Message" }).click();
    const downloading = page.waitForEvent("download", { timeout: 60_000 });
    await panel.getByRole("button", { name: "Download whole" }).click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await downloading).createReadStream()) chunks.push(chunk as Buffer);
    const { value } = JSON.parse(Buffer.concat(chunks).toString()) as { value: string };
    expect((JSON.parse(value) as { pad: string }).pad).toHaveLength(megabytes * 1_000_000);
    await openRun(page, items, "huge");
    await expect(page.getByText(/Only its beginning/).first()).toBeAttached();
  });

  await test.step("bytes that are no text", async () => {
    const panel = await openLetter(page, items, "bytes");
    await expect(panel.getByText("Bytes that are no text, as base64")).toBeVisible();
    await expect(panel.getByText(/Only its beginning: the first .* of 2(\.0)? MB/)).toBeAttached();
    await page.goto(`/runs/${items.find(({ key }) => key === "bytes")!.runId}`);
    await expect(page.getByText("Bytes that are no text, as base64").first()).toBeVisible();
  });

  await test.step("ten thousand headers", async () => {
    const panel = await openLetter(page, items, "headers");
    await panel.getByRole("tab", { name: /Headers/ }).click();
    await expect(panel.getByText("value 199", { exact: true })).toBeAttached();
    await expect(panel.getByText("value 200", { exact: true })).toHaveCount(0);
    await panel.getByRole("button", { name: /Show 9,80\d more/ }).click();
    await expect(panel.getByText("value 9999", { exact: true })).toBeAttached();
    await panel.getByRole("tab", { name: "Message" }).click();
    await expect(panel.getByText('"none"')).toBeVisible();
    await openRun(page, items, "headers");
  });

  await test.step("fifty megabytes are sent again by the worker that kept them, which lives on", async () => {
    const { id } = items.find(({ key }) => key === "huge")!;
    const pidOf = async () => (await flowJson<{ workers: { pid: number }[] }[]>(["status", name]))[0]!.workers[0]?.pid;
    const before = await pidOf();
    await flow(["redrive", name, "--id", id, "--wait", "60"]);
    const [redrive] = await flowJson<{ state: string; failedAgain: number }[]>(["redrives", name]);
    expect(redrive).toMatchObject({ state: "done", failedAgain: 1 });
    expect(await pidOf()).toBe(before);
  });

  await flowJson(["dead-discard", name, "--all", "--reason", "tried out"]);
  await flowJson(["stop", name]);
});
