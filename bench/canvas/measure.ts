import type { Page } from "@playwright/test";
import { findMedian } from "../statistics";

/** What a person does, and what it is measured over. */
export type Deed = "pan" | "zoom" | "drag one" | "drag fifty";
/** The whole flow in the window; then so near that all words can be read, where only a part is in sight and counts move on the wires. */
export const views: readonly { near: boolean; deeds: readonly Deed[] }[] = [
  { near: false, deeds: ["pan", "zoom", "drag one", "drag fifty"] },
  { near: true, deeds: ["pan", "zoom", "drag one"] },
];

export interface Frames {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly count: number;
}

const moves = 60;
const pause = 16;

/** Frame times while a person does something, from the browser's own animation frames. */
export async function measureFrames(page: Page, deed: Deed): Promise<Frames> {
  await prepare(page, deed);
  await page.evaluate(() => {
    const times: number[] = [];
    let last = performance.now();
    let watching = true;
    const next = () => {
      const now = performance.now();
      times.push(now - last);
      last = now;
      if (watching) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    Object.assign(window, {
      endFrames: () => {
        watching = false;
        return times.slice(1);
      },
    });
  });
  await carryOut(page, deed);
  const times = await page.evaluate(() => (window as unknown as { endFrames(): number[] }).endFrames());
  const sorted = times.toSorted((a, b) => a - b);
  return { medianMs: findMedian(times), p95Ms: sorted[Math.floor(sorted.length * 0.95)]!, count: times.length };
}

/** Turns the wheel until the drawing is about as large as life. */
export async function comeNear(page: Page): Promise<void> {
  await page.bringToFront();
  const { middle } = await findPlaces(page);
  await page.mouse.move(middle.x, middle.y);
  const zoom = () =>
    page.evaluate(() => new DOMMatrix(getComputedStyle(document.querySelector(".react-flow__viewport")!).transform).a);
  while ((await zoom()) < 0.9) {
    await page.mouse.wheel(0, -40);
    await page.waitForTimeout(pause);
  }
}

/** The middle of the drawing's space, and of the node nearest to it. */
export async function findPlaces(page: Page) {
  return page.evaluate(() => {
    const pane = document.querySelector(".react-flow")!.getBoundingClientRect();
    const middle = { x: pane.left + pane.width / 2, y: pane.top + pane.height / 2 };
    const boxes = [...document.querySelectorAll(".react-flow__node")].map((node) => node.getBoundingClientRect());
    const centre = (box: DOMRect) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    const distance = (box: DOMRect) => Math.hypot(centre(box).x - middle.x, centre(box).y - middle.y);
    const nearest = centre(boxes.toSorted((a, b) => distance(a) - distance(b))[0]!);
    const free = { x: pane.left + 60, y: pane.top + 12 };
    // Between two rows of nodes, where nothing lies.
    while (!document.elementFromPoint(free.x, free.y)?.classList.contains("react-flow__pane")) free.y += 7;
    return { middle, nearest, free };
  });
}

async function prepare(page: Page, deed: Deed): Promise<void> {
  const { free, middle } = await findPlaces(page);
  await page.mouse.click(free.x, free.y);
  if (deed !== "drag fifty") return;
  await page.keyboard.down("Shift");
  await page.mouse.move(middle.x - 130, middle.y - 90);
  await page.mouse.down();
  await page.mouse.move(middle.x + 130, middle.y + 90, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
}

async function carryOut(page: Page, deed: Deed): Promise<void> {
  const { free, middle, nearest } = await findPlaces(page);
  if (deed === "zoom") {
    await page.mouse.move(middle.x, middle.y);
    for (let move = 0; move < moves; move++) {
      await page.mouse.wheel(0, move < moves / 2 ? -40 : 40);
      await page.waitForTimeout(pause);
    }
    return;
  }
  const from = deed === "pan" ? free : nearest;
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (let move = 1; move <= moves; move++) {
    const out = move <= moves / 2 ? move : moves - move;
    await page.mouse.move(from.x + out * 5, from.y + out * 3);
    await page.waitForTimeout(pause);
  }
  await page.mouse.up();
}

/** Megabytes of the page's objects, after the rubbish is taken out. */
export async function measureHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize / 1e6;
}
