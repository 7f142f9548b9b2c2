/** Versions of a flow: what differs between two on the drawing and in words, their names, and the way back; the same for Git. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./app";
import { nodeCard, openFlow, waitUntilSaved, waitUntilStill } from "./drawing";
import { flow, pushFlow } from "./shell";

const mark = Date.now().toString(36);
const name = `kept-${mark}`;
const folder = fileURLToPath(new URL("../docs/images/", import.meta.url));

/** Screenshots on demand only: a test run changes no tracked file. */
async function takePictures(page: Page, what: string): Promise<void> {
  if (process.env.MILLRACE_SCREENSHOTS !== "1") return;
  await page.mouse.move(5, 5);
  await waitUntilStill(page);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `${folder}${what}-${scheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

function drawing(when: string, last: string, y: number) {
  return {
    name,
    title: "Kept orders",
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: name }, position: { x: 0, y: 0 } },
      { id: "dear", kind: "filter", config: { when }, position: { x: 280, y } },
      { id: "total", kind: "map", config: { set: { total: "body.price" } }, position: { x: 560, y: 0 } },
      { id: last, kind: "log", config: {}, position: { x: 840, y: last === "seen" ? 0 : 160 } },
    ],
    edges: [
      { from: "hook", to: "dear" },
      { from: "dear.pass", to: "total" },
      { from: "total", to: last },
    ],
  };
}

async function deployDrawing(document: ReturnType<typeof drawing>, message: string): Promise<void> {
  await pushFlow(document);
  const ran = await flow(["deploy", name, "--message", message]);
  expect(ran.err).toBe("");
}

test("any two versions stand beside each other, get names, and become the draft again", async ({ page }) => {
  await deployDrawing(drawing("body.price > 10", "seen", 0), "The first");
  await deployDrawing(drawing("body.price > 20 && has(body.id)", "kept", 0), "Only the dear ones");
  await signIn(page);

  await page.goto(`/flows/${name}/versions`);
  const versions = page.getByRole("navigation", { name: "Versions" });
  const differences = page.getByRole("region", { name: "Differences" });
  await expect(versions).toContainText("Only the dear ones");
  await expect(versions).toContainText("deployed since");
  await expect(differences).toContainText("From v1 to v2");
  await expect(nodeCard(page, "dear")).toContainText("changed");
  await expect(nodeCard(page, "kept")).toContainText("added");
  // What is gone is drawn where it was.
  await expect(nodeCard(page, "seen")).toContainText("removed");
  await expect(nodeCard(page, "seen")).toHaveAttribute("data-ghost", "true");
  await expect(page.locator('[data-edge-id="total>seen"]')).toHaveAttribute("data-ghost", "true");
  await expect(differences.locator("del")).toHaveText(["10"]);
  await expect(differences.locator("ins")).toHaveText(["20 && has(body.id)"]);
  await takePictures(page, "versions");

  await page.keyboard.press("n");
  await expect(differences.locator("[aria-current=true]")).toContainText("changed");
  await expect(page.locator(".react-flow__node.selected [data-node-id=dear]")).toBeVisible();
  await page.keyboard.press("p");
  await expect(differences.locator("[aria-current=true]")).toContainText("total → seen");
  await differences.getByRole("button", { name: "added Kept" }).click();
  await expect(page.locator(".react-flow__node.selected [data-node-id=kept]")).toBeVisible();

  await versions.getByRole("button", { name: "Name version 1" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Before the sale");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(versions).toContainText("Before the sale");

  // Only its place differs: told apart, and hidden when asked.
  await pushFlow(drawing("body.price > 20 && has(body.id)", "kept", 90));
  await page.goto(`/flows/${name}/versions?from=2&to=draft`);
  await expect(nodeCard(page, "dear")).toContainText("moved");
  await page.getByRole("checkbox", { name: "Show what only moved" }).click();
  await expect(differences).toContainText("Only places on the drawing differ.");
  await expect(nodeCard(page, "dear")).not.toContainText("moved");

  await versions.getByRole("button").filter({ hasText: "Before the sale" }).click();
  await expect(page).toHaveURL(/from=nothing&to=1$/);
  await page.getByRole("button", { name: "Restore as draft" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("What becomes of the draft: 1 node added, 1 node removed, 1 node changed");
  await takePictures(page, "restore");
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText("The draft is v1 again")).toBeVisible();
  await expect(nodeCard(page, "seen")).toBeVisible();
  await waitUntilSaved(page);
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(nodeCard(page, "kept")).toBeVisible();
  await page.getByRole("button", { name: "Redo", exact: true }).click();

  // From the editor to what would change.
  await page.getByRole("link", { name: /changes since v2/ }).click();
  await expect(page).toHaveURL(/from=running&to=draft$/);
  await expect(differences).toContainText("From deployed to draft");
  await expect(nodeCard(page, "seen")).toContainText("added");
});

test("the deploy dialog shows the same differences and leads to the node", async ({ page }) => {
  await signIn(page);
  await openFlow(page, name);
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  const changes = page.getByRole("dialog").getByRole("region", { name: "What will change" });
  await expect(changes.locator("del")).toHaveText(["20 && has(body.id)"]);
  await takePictures(page, "deploy");
  await changes.getByRole("button", { name: /dear/i }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("complementary", { name: "Inspector" })).toContainText("dear");
});

test("flow diff and flow apply bring a folder and the server in line", async () => {
  const dir = await mkdtemp(join(tmpdir(), "millrace-flows-"));
  const file = join(dir, `${name}.flow.json`);
  const write = (document: object) => writeFile(file, JSON.stringify({ format: "millrace/flow@1", ...document }));
  await write(drawing("body.price > 30", "kept", 0));

  const different = await flow(["diff", file, "--version", "2"]);
  expect([different.code, different.out]).toEqual([1, expect.stringContaining("20 && has(body.id)")]);
  // No terminal and no --yes: nothing is done.
  const asked = await flow(["apply", dir]);
  expect([asked.code, asked.err]).toEqual([1, expect.stringContaining("--yes")]);
  const applied = await flow(["apply", dir, "--yes", "--deploy"]);
  expect([applied.code, applied.out]).toEqual([0, expect.stringContaining(`${name} v3 is deployed`)]);
  expect((await flow(["diff", file, "--running"])).code).toBe(0);
  expect((await flow(["apply", dir, "--yes", "--deploy"])).out).toContain("1 unchanged");

  await writeFile(
    join(dir, "broken.flow.json"),
    '{"format":"millrace/flow@1","name":"broken","nodes":[],"edges":[],"x":1}',
  );
  await write(drawing("body.price > 40", "kept", 0));
  const refused = await flow(["apply", dir, "--yes"]);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("broken.flow.json")]);
  expect((await flow(["diff", file])).code).toBe(1);
  await flow(["stop", name]);
});
