/**
 * `npm run bench canvas`: the editor with a flow of 500 nodes that runs, beside plain React Flow with as many default nodes, in turns in one
 * Chromium. Frame times, opening, memory after a thousand edits.
 */
import { parseArgs } from "node:util";
import { chromium, type Page } from "@playwright/test";
import { createClient } from "../../cli/client";
import { servicesOfRunner } from "../../runtime/system/rig";
import { readCircumstances } from "../circumstances";
import { keepResults, writeResults } from "../latest";
import { noResults } from "../results";
import { rounds } from "../settings";
import { drawLargeFlow } from "./drawing";
import { comeNear, type Frames, findPlaces, measureFrames, measureHeap, views } from "./measure";
import { servePlainPage } from "./plain-page";
import { tableOfCanvas } from "./report";

const { values: flags } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "boolean", default: false } },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
const { MILLRACE_URL: address, MILLRACE_TOKEN: token, MILLRACE_CHROMIUM: executablePath } = process.env;
if (!address || !token) throw new Error("MILLRACE_URL and MILLRACE_TOKEN are not set: npm run bench canvas sets them");
const circumstances = await readCircumstances(servicesOfRunner(), process.env.BENCH_KAFKA_VERSION ?? "?");
const edits = 1_000;
/** Fewer, where the machine is too slow to make them all within this. */
const editForMs = 10 * 60_000;
/** So many nodes are drawn when the flow counts as open. */
const seen = 300;

const flow = drawLargeFlow(`canvas-${Date.now().toString(36)}`);
const client = createClient({ url: address, token });
await client.flows.push.mutate({ document: flow });
await client.deployments.deploy.mutate({ flow: flow.name, begin: { from: "kind" } });
const plain = await servePlainPage(flow);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
// The bundler names functions by a helper of its own, which a page that gets one of them lacks.
await context.addInitScript({ content: "globalThis.__name = (named) => named;" });
const editor = await openEditor();
const beside = await context.newPage();
await beside.goto(plain.url);
await beside
  .locator(".react-flow__node")
  .nth(flow.nodes.length - 1)
  .waitFor({ state: "attached" });

const pages = { editor: editor.page, plain: beside };
const frames: Record<"editor" | "plain", Record<string, Frames[]>> = { editor: {}, plain: {} };
for (const view of views) {
  if (view.near) for (const page of Object.values(pages)) await comeNear(page);
  for (let round = 0; round < rounds; round++) {
    const told: string[] = [];
    for (const deed of view.deeds) {
      const name = view.near ? `${deed}, near` : deed;
      for (const side of ["editor", "plain"] as const) {
        await pages[side].bringToFront();
        frames[side][name] = [...(frames[side][name] ?? []), await measureFrames(pages[side], deed)];
      }
      const [ours, theirs] = [frames.editor[name]!.at(-1)!, frames.plain[name]!.at(-1)!];
      const write = (read: (frames: Frames) => number) => `${read(ours).toFixed(1)} / ${read(theirs).toFixed(1)}`;
      told.push(`${name} ${write(({ medianMs }) => medianMs)} ms (p95 ${write(({ p95Ms }) => p95Ms)})`);
    }
    say(`  round ${round + 1}: ${told.join(", ")}`);
  }
}
await pages.editor.bringToFront();
const heapBeforeMb = await measureHeap(editor.page);
const made = await edit(editor.page);
const heapAfterMb = await measureHeap(editor.page);
await browser.close();
plain.close();

const canvas = {
  circumstances,
  nodes: flow.nodes.length,
  wires: flow.edges.length,
  openMs: editor.openMs,
  edits: made,
  heapBeforeMb,
  heapAfterMb,
  frames,
};
const results = { ...noResults, canvas };
say(`\n${tableOfCanvas(canvas)}`);
writeResults(`canvas-${new Date().toISOString().replace(/[:.]/g, "-")}`, results);
if (flags.keep) keepResults(results);
process.exit(0);

/** Signs in, opens the flow, and waits until all is drawn and counts move. */
async function openEditor(): Promise<{ page: Page; openMs: number }> {
  const page = await context.newPage();
  const account = { name: "Bench", email: "bench@example.org", password: "measures-what-is-0" };
  const made = await page.request.post(`${address}/api/auth/sign-up/email`, {
    data: account,
    headers: { origin: address! },
  });
  if (!made.ok()) throw new Error(`There is no account: ${made.status()} ${await made.text()}`);
  const begun = performance.now();
  await page.goto(`${address}/flows/${flow.name}`);
  // What is out of sight is not drawn; of so large a flow, fitted to the window, nearly all is in sight.
  await page.locator(".react-flow__node").nth(seen).waitFor({ state: "attached" });
  const openMs = performance.now() - begun;
  await page.locator("[data-state=running]").nth(seen).waitFor({ state: "attached", timeout: 60_000 });
  return { page, openMs };
}

/** The node nearest to the middle duplicated and taken away again, over and over: each is an edit that can be undone. Answers how many there were. */
async function edit(page: Page): Promise<number> {
  const { nearest } = await findPlaces(page);
  const begun = performance.now();
  const until = begun + editForMs;
  let count = 0;
  for (; count < edits && performance.now() < until; count += 2) {
    await page.mouse.click(nearest.x, nearest.y);
    await page.keyboard.press("ControlOrMeta+d");
    // What is measured must have been done.
    if (count % 100 === 0) await page.locator(".react-flow__node.selected[data-id$='-2']").waitFor({ timeout: 5_000 });
    await page.keyboard.press("Delete");
    if (count % 100 === 98)
      say(`  ${count + 2} edits, ${((performance.now() - begun) / (count + 2)).toFixed(0)} ms each`);
  }
  return count;
}
