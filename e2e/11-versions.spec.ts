/** Versions of a flow: what differs between two on the drawing and in words, their names, and the way back; the same for Git. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, makeMark, signIn, test } from "./app";
import { nodeCard, openFlow, waitUntilSaved, waitUntilStill } from "./drawing";
import { flow, pushFlow } from "./shell";

const mark = makeMark(import.meta.url);
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

test("what two versions did in the last day stands on the drawing, and Escape leaves it", async ({ page }) => {
  test.setTimeout(120_000);
  const of = `did-${mark}`;
  const draw = (last: string, when: string) => ({
    name: of,
    title: "What they did",
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: of }, position: { x: 0, y: 0 } },
      { id: "check", kind: "filter", config: { when }, position: { x: 300, y: 0 } },
      { id: last, kind: "log", config: {}, position: { x: 600, y: last === "seen" ? 0 : 160 } },
    ],
    edges: [
      { from: "hook", to: "check" },
      { from: "check.pass", to: last },
    ],
  });
  await signIn(page);
  interface Told {
    result: { data: { json: { figures: { version: number; node: string; messages: number }[] } } };
  }
  const countAt = async (version: number) => {
    const input = encodeURIComponent(JSON.stringify({ json: { flow: of } }));
    const answer = await page.request.get(`/api/trpc/deployments.versionFigures?input=${input}`);
    const { figures } = ((await answer.json()) as Told).result.data.json;
    return figures.find((each) => each.version === version && each.node === "check")?.messages ?? 0;
  };
  /** What the versions do is kept every ten seconds. */
  const work = async (version: number, count: number) => {
    for (let n = 0; n < count; n++) await page.request.post(`/in/${of}`, { data: { n, word: "none" } });
    await expect.poll(() => countAt(version), { timeout: 30_000 }).toBe(count);
  };
  await pushFlow(draw("seen", "body.n >= 0"));
  await flow(["deploy", of, "--wait", "30"]);
  await work(1, 4);
  await test.step("one version alone has nothing to be compared with", async () => {
    await page.goto(`/flows/${of}/versions?figures`);
    await expect(page.getByRole("heading", { name: "Only v1 worked in the last 24 hours" })).toBeVisible();
  });
  await pushFlow(draw("kept", "int(body.word) > 0"));
  await flow(["deploy", of, "--wait", "30"]);
  await work(2, 3);

  const list = page.getByRole("region", { name: "Figures by node" });
  const figures = (node: string) => nodeCard(page, node).locator("tbody tr");
  await test.step("by the keyboard: both versions at each node, what differs marked", async () => {
    await page.goto(`/flows/${of}/versions`);
    await page.getByRole("button", { name: "What they did" }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/from=1&to=2&figures/);
    await expect(figures("check")).toHaveCount(2);
    await expect(figures("check").nth(0)).toContainText("v1");
    await expect(figures("check").nth(0)).toContainText("0 %");
    await expect(figures("check").nth(1)).toContainText("100.0 %");
    await expect(nodeCard(page, "check")).toContainText("fails more");
    await expect(list.getByRole("button", { name: /Check/ })).toContainText("+100.0 points");
  });
  await test.step("a node that only one has says so", async () => {
    await expect(nodeCard(page, "kept")).toContainText("only in v2");
    await expect(nodeCard(page, "seen")).toContainText("only in v1");
    await expect(nodeCard(page, "seen")).toHaveAttribute("data-ghost", "true");
    await expect(figures("seen")).toHaveCount(1);
  });
  await takePictures(page, "figures");
  await test.step("a node is chosen in the list and seen on the drawing; both ways out", async () => {
    await list.getByRole("button", { name: /Check/ }).focus();
    await page.keyboard.press("Enter");
    await expect(page.locator(".react-flow__node.selected [data-node-id=check]")).toBeVisible();
    // Escape closes what lies above first.
    await page.getByRole("combobox", { name: "Later version" }).press("Enter");
    await expect(page.getByRole("listbox")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("listbox")).toHaveCount(0);
    await expect(figures("check")).toHaveCount(2);
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/from=1&to=2$/);
    await expect(page.getByRole("region", { name: "Differences" })).toBeVisible();
    await page.goto(`/flows/${of}?node=check`);
    await page.getByRole("link", { name: "Compare all nodes on the drawing" }).click();
    await expect(figures("check")).toHaveCount(2);
    await page.getByRole("button", { name: "Leave the figures" }).click();
    await expect(page).toHaveURL(/from=1&to=2$/);
  });
  await flow(["stop", of]);
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
