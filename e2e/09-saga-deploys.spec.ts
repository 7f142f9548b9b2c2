/** What a deploy, a stop and a delete say of sagas in flight. */
import { expect, makeMark, signIn, test } from "./app";
import { askToDeploy, openFlow, pickFromDeployMenu } from "./drawing";
import { flow, flowJson, pushFlow } from "./shell";

const name = `payments-${makeMark(import.meta.url, "serial")}`;

/** A saga that waits for its payment, which comes in by a webhook. */
const draw = (payments: string) => ({
  name,
  title: "Await payments",
  nodes: [
    { id: "hook", kind: "webhook-source", config: { path: name } },
    { id: "begin", kind: "saga-start", config: { key: "body.id" } },
    { id: "paid", kind: "saga-wait", config: { awaits: "key", event: "body.id" } },
    { id: "end", kind: "saga-end", config: {} },
    { id: "payments", kind: "webhook-source", config: { path: payments } },
    { id: "told", kind: "log", config: {} },
  ],
  edges: [
    { from: "hook", to: "begin" },
    { from: "begin", to: "paid" },
    { from: "paid", to: "end" },
    { from: "payments", to: "paid.event" },
    { from: "end", to: "told" },
  ],
});

test("a deploy that would strand sagas is asked about; a stop lets them rest, and nothing is deleted over them", async ({
  page,
}) => {
  await pushFlow(draw(`${name}/paid`));
  await flowJson(["deploy", name, "--wait", "30"]);
  expect((await flow(["send", name, "hook", "-"], { input: '{"id":"p-1"}' })).code).toBe(0);
  const count = async () => (await flowJson<{ counts: { count: number }[] }>(["sagas", name])).counts[0]?.count;
  await expect.poll(count).toBe(1);
  await pushFlow(draw(`${name}/payments`));
  await signIn(page);
  await openFlow(page, name);

  await test.step("the deploy dialog", async () => {
    const dialog = await askToDeploy(page);
    await expect(dialog).toContainText("1 saga is in flight and ends on the version on which it began: 1 on v1.");
    await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
    await expect(dialog).toContainText("What is in flight would be stranded");
    await expect(dialog).toContainText(
      `1 saga of v1 (1 at paid) may await what comes in by paid.event from POST /in/${name}/paid`,
    );
    await dialog.getByRole("button", { name: "Deploy all the same" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0, { timeout: 30_000 });
    expect(await flowJson(["status", name])).toMatchObject([{ version: 2 }]);
  });

  await test.step("the roll back to where its event is read again, and the stop", async () => {
    await pickFromDeployMenu(page, /^Roll back/);
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("1 saga is in flight");
    await dialog.getByRole("button", { name: "Run v1 again", exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await pickFromDeployMenu(page, /^Stop/);
    await expect(dialog).toContainText("1 saga rests until the flow is deployed again.");
    await dialog.getByRole("button", { name: "Stop the flow" }).click();
    await expect(dialog).toHaveCount(0);
  });

  await test.step("the delete", async () => {
    await expect.poll(async () => (await flowJson<{ state: string }[]>(["status", name]))[0]?.state).toBe("stopped");
    await page.goto("/");
    await page.getByRole("button", { name: "Actions for Await payments" }).click();
    await page.getByRole("menuitem", { name: /^Delete/ }).click();
    await expect(page.getByRole("dialog")).toContainText("1 saga in flight");
    await expect(page.getByRole("button", { name: "Delete flow" })).toBeDisabled();
  });
});
