/** Hands on the drawing: all of it by keys, steps that survive, finding, pieces through the clipboard, a second person. */
import type { Browser, Page } from "@playwright/test";
import { ada, addressOfApp, expect, makeMark, signIn, test } from "./app";
import { chooseNode, countOnWire, inspector, nodeCard, openFlow, waitUntilRunning, waitUntilSaved } from "./drawing";

test.describe.configure({ mode: "serial" });

const mark = makeMark(import.meta.url, "serial");
const grace = { name: "Grace Hopper", email: `grace-${mark}@example.org`, password: "correct-horse-9" };
const main = `hands-${mark}`;
const undoKey = "ControlOrMeta+z";

/** A flow as a file, without a browser's detour. */
async function push(page: Page, name: string, title: string): Promise<void> {
  const document = {
    format: "millrace/flow@1",
    name,
    title,
    nodes: [
      {
        id: "orders",
        kind: "generate-source",
        config: { body: "{'country': 'DE', 'n': n}" },
        position: { x: 0, y: 80 },
      },
      { id: "german", kind: "filter", config: { when: `body.country == 'DE-${mark}'` }, position: { x: 300, y: 80 } },
      { id: "seen", kind: "log", title: "Seen", config: {}, position: { x: 600, y: 80 } },
    ],
    edges: [
      { from: "orders", to: "german" },
      { from: "german.pass", to: "seen" },
    ],
    notes: [{ id: "why", text: `Ask about customs ${mark}`, position: { x: 300, y: -60 } }],
    groups: [{ id: "both", title: "Both", nodes: ["german", "seen"] }],
  };
  await call(page, "flows.push", { document });
}

async function call(page: Page, procedure: string, input: object): Promise<void> {
  const answer = await page.request.post(`/api/trpc/${procedure}`, {
    data: { json: input },
    headers: { origin: addressOfApp() },
  });
  expect(answer.ok(), `${procedure}: ${answer.status()} ${await answer.text()}`).toBe(true);
}

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const title = (page: Page) => inspector(page).getByRole("textbox", { name: "Name of the node" });
const picture = async (page: Page, name: string) => {
  if (!process.env.MILLRACE_PICTURES) return;
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `${process.env.MILLRACE_PICTURES}/${name}-${scheme}.png` });
  }
};

const yes = () => true;
const no = () => false;

test("from a new flow to a deployed one by keys alone; steps survive the deploy and a reload", async ({ page }) => {
  await signIn(page);
  await page.goto("/flows");
  await expect(page.getByRole("button", { name: "New flow" }).first()).toBeVisible();
  const dialog = page.getByRole("dialog");
  await press(page, "ControlOrMeta+k");
  await expect(dialog.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("new flow");
  await press(page, "Enter");
  await expect(dialog.getByLabel("Title")).toBeFocused();
  await page.keyboard.type(`Keys ${mark}`);
  await press(page, "Enter");
  await expect(page.getByRole("button", { name: "Deploy", exact: true })).toBeVisible();

  await test.step("the map under ? knows the keys", async () => {
    await press(page, "?");
    await expect(dialog).toContainText("Wire the chosen node to another");
    await expect(dialog).toContainText("Find in all flows");
    await picture(page, "keyboard-map");
    await press(page, "Escape");
    await expect(dialog).toHaveCount(0);
  });

  await test.step("a source, with its form", async () => {
    await press(page, "a");
    await expect(dialog.getByRole("combobox")).toBeFocused();
    await page.keyboard.type("generator");
    await press(page, "Enter");
    await expect(nodeCard(page, "generator")).toBeVisible();
    await press(page, "Enter");
    await expect(inspector(page)).toBeFocused();
    const body = inspector(page).locator(".cm-content").first();
    await expect(body).toBeVisible();
    for (let steps = 0; steps < 40; steps++) {
      await press(page, "Tab");
      if (await body.evaluate((element) => element === document.activeElement)) break;
    }
    await page.keyboard.insertText("{'n': n}");
    // Escape closes what lies on top first: the tooltip of what Tab came by, suggestions, then it leads out of the form.
    const card = page.locator('.react-flow__node[data-id="generator"]');
    for (let steps = 0; steps < 4; steps++) {
      await press(page, "Escape");
      // The form closes first and gives the focus back then: one press more would lead on from the node.
      if (await expect(card).toBeFocused({ timeout: 1_000 }).then(yes, no)) break;
    }
    await expect(card).toBeFocused();
  });

  await test.step("nodes behind it, a wire from a port that is chosen, a walk along the wires", async () => {
    const kinds = page.getByRole("dialog", { name: "Add a node" }).getByRole("combobox");
    for (const kind of ["filter", "log"]) {
      await press(page, "a");
      await expect(kinds).toBeFocused();
      await page.keyboard.type(kind);
      await press(page, "Enter");
      await expect(nodeCard(page, kind)).toBeVisible();
    }
    await expect(page.locator('[data-edge-id="filter.pass>log"]')).toBeAttached();
    await press(page, "Alt+ArrowLeft");
    const filter = page.locator('.react-flow__node[data-id="filter"]');
    await expect(filter).toBeFocused();
    await expect(filter).toHaveAccessibleName(/^Filter, \d problems?, wired to Log$/);
    await press(page, "w");
    await expect(page.getByRole("dialog", { name: "Wire from Filter" }).getByRole("combobox")).toBeFocused();
    await page.keyboard.type("rest");
    await press(page, "Enter");
    await expect(kinds).toBeFocused();
    await page.keyboard.type("map");
    await press(page, "Enter");
    await expect(page.locator('[data-edge-id="filter.rest>map"]')).toBeAttached();
    await press(page, undoKey);
    await expect(nodeCard(page, "map")).toHaveCount(0);
    // Taken out, with what came in led on.
    await press(page, "Alt+ArrowLeft", "Alt+ArrowRight", "ControlOrMeta+Delete");
    await expect(page.locator('[data-edge-id="generator>log"]')).toBeAttached();
    await press(page, "Alt+ArrowLeft", "Alt+ArrowRight", "F2");
    await expect(title(page)).toBeFocused();
    await page.keyboard.type("Seen");
    await press(page, "Enter");
    await expect(nodeCard(page, "log")).toContainText("Seen");
  });

  await test.step("deploy", async () => {
    await waitUntilSaved(page);
    await expect(page.getByRole("button", { name: "No problems" })).toBeVisible();
    await press(page, "ControlOrMeta+Enter");
    await expect(dialog.getByRole("button", { name: "Deploy", exact: true })).toBeFocused();
    await press(page, "Enter");
    await waitUntilRunning(page);
    await expect(dialog).toHaveCount(0);
    await expect.poll(() => countOnWire(page, "generator", "log")).toBeGreaterThan(0);
  });

  await test.step("steps go back after the deploy, and after a reload", async () => {
    await press(page, undoKey);
    await expect(nodeCard(page, "log")).not.toContainText("Seen");
    await waitUntilSaved(page);
    await page.reload();
    await expect(nodeCard(page, "log")).toBeVisible();
    await press(page, undoKey);
    await expect(nodeCard(page, "filter")).toBeVisible();
    await press(page, "ControlOrMeta+y", "ControlOrMeta+y");
    await expect(nodeCard(page, "log")).toContainText("Seen");
    for (let steps = 0; steps < 9; steps++) await press(page, undoKey);
    await expect(page.getByText("Begin with a source")).toBeVisible();
    await press(page, "ControlOrMeta+k");
    await expect(dialog.getByRole("combobox")).toBeFocused();
    await page.keyboard.type("stop the flow");
    await press(page, "Enter");
    await expect(page.getByRole("button", { name: "Stop the flow" })).toBeVisible();
    await page.getByRole("button", { name: "Stop the flow" }).click();
    await expect(page.getByText(/v1 stopped/)).toBeVisible();
  });
});

test("finding here and in all flows leads to the field; pieces go through the clipboard", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page);
  await push(page, main, `Hands ${mark}`);
  await push(page, `${main}-other`, `Other ${mark}`);
  await openFlow(page, main);
  await expect(nodeCard(page, "seen")).toBeVisible();

  await press(page, "ControlOrMeta+f");
  const here = page.getByRole("dialog", { name: "Find in this flow" });
  await expect(here.getByRole("combobox")).toBeFocused();
  await page.keyboard.type(`DE-${mark}`);
  await expect(here.getByRole("option")).toHaveCount(1);
  await picture(page, "find-here");
  await press(page, "Enter");
  await expect(inspector(page).locator(".cm-content").first()).toBeFocused();
  await press(page, "Escape");

  await press(page, "ControlOrMeta+Shift+f");
  const everywhere = page.getByRole("dialog", { name: "Find in all flows" });
  await expect(everywhere.getByRole("combobox")).toBeFocused();
  await page.keyboard.type(`customs ${mark}`);
  await expect(everywhere.getByRole("option")).toHaveCount(2);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(`DE-${mark}`);
  await expect(everywhere.getByRole("option").first()).toContainText("German");
  await picture(page, "find-everywhere");
  await everywhere.getByRole("option").filter({ hasText: "German" }).last().click();
  await expect(inspector(page)).toContainText("german");

  await openFlow(page, main);
  await expect(nodeCard(page, "seen")).toBeVisible();
  await page.locator(".react-flow__pane").click({ position: { x: 40, y: 500 } });
  await press(page, "ControlOrMeta+a", "ControlOrMeta+c");
  await openFlow(page, `${main}-other`);
  await expect(nodeCard(page, "seen")).toBeVisible();
  await press(page, "ControlOrMeta+v");
  await expect(page.locator('[data-edge-id="german-2.pass>seen-2"]')).toBeAttached();
  await expect(page.locator(".react-flow__node-note")).toHaveCount(2);
  await press(page, undoKey);
  await expect(nodeCard(page, "seen-2")).toHaveCount(0);
  await page.evaluate(() => navigator.clipboard.writeText('{"format": "millrace/flow@1",\n"name": "x", "nodes": [,]}'));
  await press(page, "ControlOrMeta+v");
  await expect(page.getByText("The file is not JSON (line 2, column 24).")).toBeVisible();
  await expect(nodeCard(page, "seen-2")).toHaveCount(0);

  await press(page, "ControlOrMeta+k");
  await expect(page.getByRole("dialog").getByRole("combobox")).toBeFocused();
  await page.keyboard.type("german");
  await expect(page.getByRole("dialog").getByText(`Nodes of Hands ${mark}`)).toBeVisible();
  await picture(page, "palette");
  await press(page, "Escape");
});

test("a second person: seen, merged, asked where both changed the same", async ({ page, browser }) => {
  await signIn(page);
  await call(page, "settings.addUser", { ...grace, role: "editor" });
  const other = await openAs(browser, grace);
  await openFlow(page, main);
  await openFlow(other, main);
  const face = (at: Page, name: RegExp) => at.getByRole("list", { name: "Also here" }).getByRole("button", { name });
  await expect(face(page, /^Grace Hopper/)).toBeVisible();
  await expect(face(other, new RegExp(`^${ada.name}`))).toBeVisible();

  await test.step("what she has chosen is marked", async () => {
    await chooseNode(other, "german");
    await expect(nodeCard(page, "german").getByTestId("company-ring")).toContainText("Grace Hopper");
    await picture(page, "company");
  });

  await test.step("edits of different nodes go together; undo takes back one's own", async () => {
    await chooseNode(page, "seen");
    await title(page).fill("Seen by Ada");
    await title(other).fill("German ones");
    await expect(nodeCard(page, "german")).toContainText("German ones");
    await expect(nodeCard(other, "seen")).toContainText("Seen by Ada");
    await expect(title(page)).toBeFocused();
    await title(page).press("Enter");
    await press(page, undoKey);
    await expect(nodeCard(page, "seen")).not.toContainText("by Ada");
    await expect(nodeCard(page, "german")).toContainText("German ones");
    await expect(nodeCard(other, "seen")).not.toContainText("by Ada");
    await waitUntilSaved(page);
    await waitUntilSaved(other);
  });

  await test.step("the same field: both are shown, and one is chosen", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await other.route(/flows\.save/, async (route) => {
      await held;
      await route.continue();
    });
    await title(other).fill("As Grace says");
    await expect(other.getByTestId("saved")).toHaveAttribute("data-save", "saving");
    await chooseNode(page, "german");
    await title(page).fill("As Ada says");
    await waitUntilSaved(page);
    release();
    const dialog = other.getByRole("dialog", { name: "You both changed the same" });
    await expect(dialog).toContainText("As Grace says");
    await expect(dialog).toContainText("As Ada says");
    await picture(other, "both-changed");
    await dialog.getByRole("radio", { name: /As Ada says/ }).check();
    await dialog.getByRole("button", { name: "Save the choice" }).click();
    await expect(nodeCard(other, "german")).toContainText("As Ada says");
    await waitUntilSaved(other);
  });

  await test.step("Deploy says whose edits go along", async () => {
    await title(page).press("Enter");
    await press(page, "ControlOrMeta+Enter");
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Edits of Grace Hopper go along");
    await picture(page, "go-along");
    await press(page, "Escape");
  });

  await other.context().close();
  await expect(page.getByRole("list", { name: "Also here" })).toHaveCount(0);
});

async function openAs(browser: Browser, who: { email: string; password: string }): Promise<Page> {
  const context = await browser.newContext({ baseURL: addressOfApp(), viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await signIn(page, who);
  return page;
}
