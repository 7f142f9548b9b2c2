/** How it looks and feels: both themes on every page, what a screen reader and a keyboard find, how much the canvas weighs. */
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./app";
import { findGrave } from "./axe";
import {
  countOnWire,
  createFlow,
  inspector,
  nodeCard,
  openFlow,
  pickFromDeployMenu,
  waitUntilRunning,
  waitUntilSaved,
} from "./drawing";
import { flowJson } from "./shell";

/** Largest weight of the canvas page's scripts, compressed. */
const maxScriptBytes = 400 * 1024;

interface Runs {
  runs: { id: string; key: string | null }[];
}

/** Every page, with something on it. */
async function listPages(): Promise<Record<string, string>> {
  const { runs } = await flowJson<Runs>(["runs", "orders-by-country", "--limit", "1"]);
  const { items } = await flowJson<{ items: { id: string }[] }>(["dead", "notify-warehouse", "--limit", "1"]);
  return {
    flows: "/flows",
    editor: "/flows/orders-by-country",
    "editor with a node": "/flows/orders-by-country?node=route",
    "editor with a step of a saga": "/flows/place-order?node=charge",
    "editor with a simulated failure": "/flows/place-order?node=book&fails=maybe",
    "runs of a flow": "/flows/orders-by-country/runs",
    versions: "/flows/orders-by-country/versions",
    "what versions did": "/flows/orders-by-country/versions?figures",
    "tests of a flow": "/flows/orders-by-country/tests",
    runs: "/runs",
    "runs that were found": `/runs?text=${runs[0]!.id}`,
    "no run found": "/runs?text=nothing-of-the-kind",
    run: `/runs/${runs[0]!.id}`,
    "dead letters": "/dead-letters",
    "dead letter": `/dead-letters?id=${items[0]!.id}`,
    "waiting for a later try": "/dead-letters/parked",
    brokers: "/brokers",
    connections: "/connections",
    health: "/health",
    settings: "/settings",
    tokens: "/settings?tab=tokens",
    users: "/settings?tab=users",
    sessions: "/settings?tab=sessions",
    audit: "/audit",
    "invitation that is none": "/invitation/none",
    "no such page": "/flows/there-is-none",
  };
}

async function waitUntilDrawn(page: Page): Promise<void> {
  await expect(page.locator("main, [aria-busy]").first()).toBeVisible();
  await expect(page.locator("h1").first()).not.toHaveText("…");
  await expect(page.locator(".skeleton, [aria-busy=true]")).toHaveCount(0);
}

// In parts, each within the time of a test.
for (const part of [1, 2, 3, 4])
  test(`every page in both themes, part ${part}: no error, nothing that axe calls serious`, async ({ page }) => {
    await signIn(page);
    const pages = Object.entries(await listPages());
    const length = Math.ceil(pages.length / 4);
    for (const [name, path] of pages.slice((part - 1) * length, part * length)) await look(page, name, path);
  });

async function look(page: Page, name: string, path: string): Promise<void> {
  await test.step(name, async () => {
    // Without motion, what is measured in the second theme is not half of the first.
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.goto(path);
    await waitUntilDrawn(page);
    expect.soft(await findGrave(page), `${name} in light`).toEqual([]);
    await picture(page, `${name}-light`);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    // What is dark differs from what is light in its colours only.
    expect.soft(await findGrave(page, "color-contrast"), `${name} in dark`).toEqual([]);
    await picture(page, `${name}-dark`);
  });
}

/** On demand only. */
async function picture(page: Page, of: string): Promise<void> {
  if (!process.env.MILLRACE_PICTURES) return;
  await page.screenshot({ path: `${process.env.MILLRACE_PICTURES}/look-${of.replaceAll(" ", "-")}.png` });
}

test("sign-in and welcome are well, too", async ({ page }) => {
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto("/sign-in");
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
    expect(await findGrave(page)).toEqual([]);
  }
});

test("the scripts that the canvas needs stay below 400 KB", async ({ page }) => {
  await signIn(page);
  const scripts = new Map<string, Promise<number>>();
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    scripts.set(
      response.url(),
      response.body().then((body) => gzipSync(body).length),
    );
  });
  const weigh = async () => (await Promise.all(scripts.values())).reduce((sum, size) => sum + size, 0);
  await page.goto("/flows/orders-by-country");
  await expect(nodeCard(page, "route")).toBeVisible();
  const drawn = await weigh();
  // The language, which checks what is drawn, is a chunk of its own and comes behind.
  await expect(page.getByTestId("guarantee")).toBeVisible();
  const all = await weigh();
  const words = `${Math.round(drawn / 1024)} KB compressed until it is drawn, ${Math.round(all / 1024)} KB with the checks`;
  test.info().annotations.push({ type: "scripts of the canvas page", description: words });
  process.stdout.write(`    scripts of the canvas page: ${words}\n`);
  expect(scripts.size).toBeGreaterThan(3);
  expect(drawn).toBeLessThan(maxScriptBytes);
});

test("by the keyboard alone: open a flow, reach a node, edit it, deploy", async ({ page }) => {
  await signIn(page);
  const name = await createFlow(page, `Keyboard ${Date.now().toString(36)}`);
  const press = (key: string) => page.keyboard.press(key);
  /** Moves on with Tab until the focus is where it should be. */
  const tabTo = async (selector: string) => {
    const target = page.locator(selector).first();
    for (let steps = 0; steps < 120; steps++) {
      await press("Tab");
      if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    }
    throw new Error(`Tab does not lead to ${selector}.`);
  };

  // Out of the palette: search, Enter, and again for what comes behind.
  const search = page.getByRole("searchbox", { name: "Search kinds" });
  await tabTo("nav[aria-label=Palette] input");
  await page.keyboard.type("generator");
  await press("Enter");
  await expect(nodeCard(page, "generator")).toBeVisible();
  await search.fill("");
  await page.keyboard.type("log");
  await press("Enter");
  await expect(page.locator('[data-edge-id="generator>log"]')).toBeAttached();

  await page.reload();
  await expect(nodeCard(page, "generator")).toBeVisible();
  await tabTo('.react-flow__node[data-id="generator"]');
  await press("Enter");
  await expect(inspector(page)).toContainText("generator");
  await tabTo("aside[aria-label=Inspector] .cm-content");
  await page.keyboard.type("{'n': n}");
  await expect(inspector(page).getByTestId("expression-result").first()).toContainText('"n"');
  await press("Escape");
  await expect(nodeCard(page, "generator")).not.toHaveAttribute("data-invalid");
  await waitUntilSaved(page);

  await page.reload();
  await expect(nodeCard(page, "generator")).toBeVisible();
  // Shift and Tab from the top lead backwards; here the way forward is taken, as long as it is.
  await page.getByRole("heading", { level: 1 }).waitFor();
  for (let steps = 0; steps < 120; steps++) {
    await press("Tab");
    const words = await page.evaluate(() => document.activeElement?.textContent);
    if (words === "Deploy") break;
  }
  await press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Deploy", exact: true })).toBeFocused();
  await press("Enter");
  await waitUntilRunning(page);
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => countOnWire(page, "generator", "log")).toBeGreaterThan(0);
  await press("ControlOrMeta+k");
  await expect(dialog.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("health");
  await expect(dialog.getByRole("option", { selected: true })).toContainText("Health");
  await press("Enter");
  await expect(page).toHaveURL(/\/health$/);
  expect((await flowJson<{ desired: string }[]>(["status", name]))[0]?.desired).toBe("running");
  await openFlow(page, name);
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v1 stopped/)).toBeVisible();
});
