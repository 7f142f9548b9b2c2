/** A large flow: what a change of counts costs. */
import { drawLargeFlow } from "../bench/canvas/drawing";
import { expect, signIn, test } from "./app";
import { flowJson, pushFlow } from "./shell";

declare global {
  interface Window {
    /** How many components worked in each commit of React. */
    workedByCommit: number[];
  }
}

test("a count that changes renders what shows it, not the five hundred nodes beside it", async ({ page }) => {
  const flow = drawLargeFlow(`large-${Date.now().toString(36)}`);
  // One source runs, at the top left; nothing moves at the other nineteen rows.
  const nodes = flow.nodes.map((node) =>
    node.kind === "generate-source" && node.id !== "n-0-0" ? { ...node, config: { ...node.config, count: 1 } } : node,
  );
  const crossing = flow.edges.filter(({ from, to }) => rowOf(from) === rowOf(to));
  await pushFlow({ ...flow, nodes, edges: crossing });
  await flowJson(["deploy", flow.name, "--wait", "60"]);

  await page.addInitScript(() => {
    interface Fiber {
      child: Fiber | null;
      sibling: Fiber | null;
      alternate: Fiber | null;
      flags: number;
      tag: number;
    }
    window.workedByCommit = [];
    const count = (fiber: Fiber | null): number => {
      let worked = 0;
      for (let at = fiber; at; at = at.sibling) {
        // A subtree that is the same object as before was not looked at.
        const isFunction = at.tag === 0 || at.tag === 11 || at.tag === 14 || at.tag === 15;
        if (isFunction && (at.flags & 1) !== 0 && at.alternate) worked++;
        if (at.child && at.child !== at.alternate?.child) worked += count(at.child);
      }
      return worked;
    };
    Object.assign(window, {
      __REACT_DEVTOOLS_GLOBAL_HOOK__: {
        supportsFiber: true,
        inject: () => 1,
        checkDCE: () => {},
        onCommitFiberUnmount: () => {},
        onPostCommitFiberRoot: () => {},
        onCommitFiberRoot: (_: number, root: { current: Fiber }) => window.workedByCommit.push(count(root.current)),
      },
    });
  });
  await signIn(page);
  await page.goto(`/flows/${flow.name}`);
  // What is out of sight is not drawn; nearly all of them are in sight.
  await expect.poll(() => page.locator(".react-flow__node").count()).toBeGreaterThan(300);
  // From so far away no words are drawn, and no count moves: whatever commits in three seconds leaves the nodes alone.
  await expect(page.locator("[data-testid=wire-count]")).toHaveCount(0);
  const worked = () => page.evaluate(() => Math.max(0, ...window.workedByCommit));
  const startAgain = () => page.evaluate(() => void window.workedByCommit.splice(0));
  await expect(async () => {
    await startAgain();
    await page.waitForTimeout(3_000);
    expect(await worked()).toBeLessThan(200);
  }).toPass();
  // Near, what runs is counted.
  await page.keyboard.press("ControlOrMeta+f");
  await page.getByRole("dialog", { name: "Find in this flow" }).getByRole("combobox").fill("n-0-0");
  await page.keyboard.press("Enter");
  await expect(page.getByText("2/s").first()).toBeAttached();
  // Until it has settled: the check, the first counts of all.
  await expect(async () => {
    await startAgain();
    await expect.poll(() => page.evaluate(() => window.workedByCommit.length)).toBeGreaterThan(3);
    expect(await worked()).toBeLessThan(200);
  }).toPass();
  const commits = await page.evaluate(() => window.workedByCommit);
  console.info(`    components that worked, by commit: ${commits.slice(0, 12).join(", ")}`);
  await flowJson(["stop", flow.name]);
});

const rowOf = (end: string) => end.split(".")[0]!.split("-")[2];
