/** Workers with labels: a flow that asks for one nobody has waits and says so; the worker that comes takes it, and is named at its lanes. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, makeMark, signIn, test } from "./app";
import {
  askToDeploy,
  chooseNode,
  inspector,
  openFlow,
  pickFromDeployMenu,
  waitUntilRunning,
  waitUntilSaved,
} from "./drawing";
import { createTopic } from "./services";
import { pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
const bundle = fileURLToPath(new URL("../dist/worker.mjs", import.meta.url));

test("a flow moves to the workers of its label", async ({ page }) => {
  const [name, topic, label] = [`label-${mark}`, `label.${mark}`, `heavy-${mark}`];
  await createTopic(topic);
  const nodes = [
    { id: "in", kind: "kafka-source", config: { topic } },
    { id: "seen", kind: "log", config: {} },
  ];
  await pushFlow({ name, nodes, edges: [{ from: "in", to: "seen" }] });
  await signIn(page);
  await openFlow(page, name);
  await pickFromDeployMenu(page, "Flow settings");
  const settings = page.getByRole("dialog");
  await expect(settings.getByRole("button", { name: /^no label/ })).toHaveAttribute("aria-pressed", "true");
  await settings.getByLabel("Workers", { exact: true }).fill("Not a label");
  await expect(settings.getByRole("button", { name: "Apply" })).toBeDisabled();
  await settings.getByLabel("Workers", { exact: true }).fill(label);
  await expect(settings).toContainText("the flow waits until one is");
  await settings.getByRole("button", { name: "Apply" }).click();
  await waitUntilSaved(page);

  await expect(page.getByTestId("problems")).toContainText("1 warning");
  const dialog = await askToDeploy(page);
  await expect(dialog).toContainText("worker-label-missing");
  await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
  await expect(dialog).toContainText(`npm run worker -- --label ${label}`);
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await expect(page.getByText("The flow waits for a worker.")).toBeVisible();

  const worker = spawn(process.execPath, [bundle], {
    env: { ...process.env, MILLRACE_WORKER_LABEL: label },
    stdio: "ignore",
  });
  try {
    await waitUntilRunning(page);
    await expect(page.getByText("The flow waits for a worker.")).toHaveCount(0);
    await chooseNode(page, "in");
    const lanes = inspector(page).getByRole("region", { name: "Lanes" });
    await expect(lanes.getByRole("listitem")).toHaveCount(4);
    await expect(lanes.getByRole("listitem").first()).toContainText(`${label} ${worker.pid}`);
    await page.goto("/health");
    const card = page.getByRole("region", { name: /^Worker / }).filter({ hasText: label });
    await expect(card).toContainText(`4: ${topic}/0`);
  } finally {
    worker.kill("SIGTERM");
  }
});
