/** RabbitMQ and Redis as a person meets them: what a test of a connection reached, a queue and a stream made where they are named, a wrong password. */
import type { Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import {
  askToDeploy,
  chooseNode,
  countOnWire,
  deploy,
  inspector,
  nodeCard,
  openFlow,
  pickFromDeployMenu,
  waitUntilRunning,
} from "./drawing";
import { pushFlow } from "./shell";

const mark = makeMark(import.meta.url);

/** A flow of one source that logs what it reads. */
async function drawReader(name: string, kind: string, config: object): Promise<void> {
  await pushFlow({
    name,
    nodes: [
      { id: "in", kind, config },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [{ from: "in", to: "seen" }],
  });
}

async function send(page: Page, body: string): Promise<void> {
  await page.getByRole("button", { name: "Send a message" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Body").fill(body);
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  await expect(dialog.getByText("Sent", { exact: true })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await expect(dialog).toHaveCount(0);
}

test("Test says what it reached", async ({ page }) => {
  await signIn(page);
  await page.goto("/connections");
  for (const [name, words] of [
    ["rabbitmq", /RabbitMQ.* at .*:\d+, virtual host/],
    ["redis", /Redis \d+\.\d+, \d+\+? streams?/],
  ] as const) {
    const card = page.getByRole("listitem").filter({ has: page.getByRole("button", { name, exact: true }) });
    await card.getByRole("button", { name: "Test" }).click();
    await expect(card).toContainText(words);
    await expect(card).toContainText("Answered in");
  }
});

for (const { kind, field, button } of [
  { kind: "rabbitmq-source", field: "queue", button: "Create queue" },
  { kind: "rabbitmq-stream-source", field: "stream", button: "Create queue as stream" },
]) {
  test(`${kind}: what is missing is made in its field, a message is seen there, and read`, async ({ page }) => {
    const [name, place] = [`${field}-of-${mark}`, `${field}.${mark}`];
    await drawReader(name, kind, { connection: "rabbitmq", [field]: place });
    await signIn(page);
    await openFlow(page, name);

    await test.step("the field offers to make it", async () => {
      await chooseNode(page, "in");
      await expect(nodeCard(page, "in")).toHaveAttribute("data-invalid", "true");
      await inspector(page).getByRole("button", { name: button, exact: true }).click();
      await expect(page.getByText(`Queue ${place} was created`)).toBeVisible();
      await expect(inspector(page).getByRole("button", { name: button })).toHaveCount(0);
      await expect(nodeCard(page, "in")).not.toHaveAttribute("data-invalid");
    });

    await test.step("a message that is sent stands among the last ones", async () => {
      await send(page, '{"id":"b-1"}');
      await inspector(page).getByRole("button", { name: "Last messages" }).click();
      const newest = inspector(page).getByRole("list", { name: `Last messages of ${place}` });
      await expect(newest.getByRole("listitem")).toHaveCount(1);
      await newest.getByRole("button").first().click();
      await expect(newest).toContainText('"id": "b-1"');
      await inspector(page).getByRole("button", { name: "Last messages" }).click();
    });

    await test.step("deployed, it is read, and the lane is there", async () => {
      await deploy(page);
      await expect.poll(() => countOnWire(page, "in", "seen")).toBe(1);
      const lanes = inspector(page).getByRole("region", { name: "Lanes" });
      await expect(lanes.getByRole("listitem")).toHaveCount(1);
      await expect(lanes.getByRole("listitem")).toContainText(place);
      await expect(lanes.getByRole("listitem").getByText("0", { exact: true })).toBeVisible();
      await send(page, '{"id":"b-2"}');
      await expect.poll(() => countOnWire(page, "in", "seen")).toBe(2);
      // A stream keeps what was read.
      await inspector(page).getByRole("button", { name: "Last messages" }).click();
      const newest = inspector(page).getByRole("list", { name: `Last messages of ${place}` });
      if (field === "stream") await expect(newest.getByRole("listitem")).toHaveCount(2);
      else await expect(inspector(page).getByText("It holds no messages yet.")).toBeVisible();
    });
    await pickFromDeployMenu(page, "Stop");
    await page.getByRole("button", { name: "Stop the flow" }).click();
    await expect(page.getByText(/v\d+ stopped/)).toBeVisible();
  });
}

test("a wrong password is told at the node, with what to do, and once it is right the node runs", async ({ page }) => {
  const [name, connection, place] = [`password-${mark}`, `password-${mark}`, `password.${mark}`];
  const address = new URL(process.env.RABBITMQ_URL!);
  const password = decodeURIComponent(address.password);
  address.password = "";
  await signIn(page);
  await page.goto("/connections");
  await page.getByRole("button", { name: "Add connection" }).click();
  await page.getByRole("menuitem", { name: /RabbitMQ/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(connection);
  await dialog.getByLabel("Address").fill(address.href);
  await dialog.getByLabel("Password").fill("surely-wrong");
  await dialog.getByRole("button", { name: "Add connection" }).click();
  await expect(page.getByText(`${connection} was added`)).toBeVisible();

  await drawReader(name, "rabbitmq-source", { connection, queue: place, declare: true });
  await openFlow(page, name);
  const deploying = await askToDeploy(page);
  await deploying.getByRole("button", { name: "Deploy", exact: true }).click();
  const words = nodeCard(page, "in").locator(".node-words-warn");
  await expect(nodeCard(page, "in")).toHaveAttribute("data-state", "degraded", { timeout: 60_000 });
  await expect(words).toContainText(`refused the user ${address.username || "guest"} or its password`);
  await expect(words).toContainText("Set both right in the connection");
  await page.keyboard.press("Escape");
  await expect(deploying).toHaveCount(0);

  await page.goto("/connections");
  await page.getByRole("button", { name: connection, exact: true }).click();
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(`${connection} was saved`)).toBeVisible();
  await openFlow(page, name);
  await waitUntilRunning(page);
  await expect(words).toHaveCount(0);
});
