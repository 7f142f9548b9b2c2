/** A service that is down for long: what waits for a later try is seen, tried now, given up. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, makeMark, signIn, test } from "./app";
import { findGrave } from "./axe";
import { chooseNode, deploy, inspector, nodeCard, openFlow, pickFromDeployMenu } from "./drawing";
import { createTopic, produce } from "./services";
import { flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");

/** A service that answers 500 until it is mended. */
async function startService() {
  let isDown = true;
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(isDown ? 500 : 200).end("{}"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`,
    become: (state: "up" | "down") => {
      isDown = state === "down";
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

test("what waits for a later try is seen at its node, listed, tried now and given up", async ({ page }) => {
  const [name, topic] = [`parked-${mark}`, `parked.${mark}`];
  const service = await startService();
  await createTopic(topic);
  await pushFlow({
    name,
    nodes: [
      { id: "in", kind: "kafka-source", config: { topic } },
      {
        id: "call",
        kind: "http-request",
        config: { url: service.url, breakAfter: 3, breakMs: 600_000, concurrency: 1 },
        retry: { attempts: 3, backoff: "fixed", delayMs: 600_000, maxDelayMs: 600_000 },
      },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [
      { from: "in", to: "call" },
      { from: "call", to: "seen" },
    ],
  });
  await signIn(page);
  await openFlow(page, name);
  await deploy(page);
  await produce(topic, [
    { key: "c-1", value: '{"id":"1"}' },
    { key: "c-1", value: '{"id":"2"}' },
  ]);
  const pill = nodeCard(page, "call").getByRole("link", { name: "2 wait for a later try" });
  await expect(pill).toBeVisible({ timeout: 30_000 });
  await chooseNode(page, "call");
  await inspector(page).getByRole("tab", { name: "Errors and retry" }).click();
  await expect(inspector(page).getByTestId("retry-words")).toHaveText(/2 times, 10 min apart: .* are parked/);
  await expect(inspector(page).getByTestId("call-words")).toContainText("One call at a time");

  const rows = page.locator("tbody tr");
  await test.step("the list says what each waits for, in both themes", async () => {
    await pill.click();
    await expect(page).toHaveURL(new RegExp(`/dead-letters/parked\\?flow=${name}&node=call`));
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(0)).toContainText(/In \d+ min.*c-1.*1 of 3/);
    await expect(rows.nth(0)).toContainText("500");
    await expect(rows.nth(1)).toContainText("Behind 1 message of its key");
    expect((await flowJson<{ total: number }>(["parked", name])).total).toBe(2);
    for (const scheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect.soft(await findGrave(page), scheme).toEqual([]);
    }
    await rows.nth(0).getByRole("checkbox").click();
    expect.soft(await findGrave(page), "with one chosen").toEqual([]);
  });

  await test.step("its run leads to it", async () => {
    await rows.nth(0).getByRole("link").click();
    await expect(page.getByText("Waits for a later try at Call")).toBeVisible();
    await page.getByRole("link", { name: "Waiting messages" }).click();
  });

  await test.step("Try now, and it is gone with the one behind it", async () => {
    service.become("up");
    await rows.nth(0).getByRole("button", { name: "Try now" }).click();
    await expect(page.getByText("1 message is due now")).toBeVisible();
    await expect(page.getByText("Nothing waits here")).toBeVisible();
    await page.goto(`/runs?flow=${name}&state=parked&key=c-1`);
    await rows.filter({ hasText: "500" }).getByRole("link").first().click();
    await page.getByRole("link", { name: "Later try", exact: true }).click();
    await expect(page.getByText("Tried before")).toBeVisible();
  });

  await test.step("a circuit that opens says so, and all that wait are given up", async () => {
    service.become("down");
    await openFlow(page, name);
    const waits = (words: string) => nodeCard(page, "call").getByRole("link", { name: words });
    // One after another: what fails beside a message that an open circuit holds is stored when that one goes on.
    await produce(topic, [{ key: "d-1", value: "{}" }]);
    await expect(waits("1 waits for a later try")).toBeVisible();
    await produce(topic, [{ key: "d-2", value: "{}" }]);
    await expect(waits("2 wait for a later try")).toBeVisible();
    await produce(topic, [{ key: "d-3", value: "{}" }]);
    const words = nodeCard(page, "call").locator(".node-words-warn");
    await expect(words).toContainText(/Circuit open after 3 failures in a row.*500 · next call at \d\d:/);
    await waits("2 wait for a later try").click();
    await expect(rows).toHaveCount(2);
    await page.getByRole("button", { name: "Give up all…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Give up" }).click();
    await expect(page.getByText("Nothing waits here")).toBeVisible();
    await page.getByRole("link", { name: "Given up" }).click();
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText("500");
  });

  await test.step("a key that was chosen stays chosen from what was given up to what waits, and back", async () => {
    await page.goto(`/dead-letters?flow=${name}&key=d-2`);
    await expect(rows).toHaveCount(1);
    await page.getByRole("link", { name: "Waiting for a later try" }).click();
    await expect(page).toHaveURL(`/dead-letters/parked?flow=${name}&key=d-2`);
    await expect(page.getByRole("button", { name: "Remove filter Key" })).toBeVisible();
    await page.getByRole("link", { name: "Given up" }).click();
    await expect(page).toHaveURL(`/dead-letters?flow=${name}&key=d-2`);
    await expect(rows).toHaveCount(1);
  });

  service.become("up");
  await openFlow(page, name);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v\d+ stopped/)).toBeVisible();
  await service.close();
});
