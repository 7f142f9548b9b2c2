/** The pictures of the README, of an app at work. On demand only, `MILLRACE_SCREENSHOTS=1`: a test run changes no tracked file. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, signIn, test } from "./app";
import { chooseNode, countOnWire, nodeCard, openFlow, waitUntilRunning, waitUntilStill } from "./drawing";
import { flowJson } from "./shell";

const folder = fileURLToPath(new URL("../docs/images/", import.meta.url));
const picture = (name: string) => ({ path: `${folder}${name}.png` });

interface Sagas {
  sagas: { id: string; error: { node: string } | null }[];
}

interface Runs {
  runs: { id: string; state: string; attempts: number }[];
}

if (process.env.MILLRACE_SCREENSHOTS === "1") {
  test.use({ deviceScaleFactor: 2 });
  test("pictures", async ({ page }) => {
    mkdirSync(folder, { recursive: true });
    await signIn(page);
    for (const name of ["orders-by-country", "order-traffic", "notify-warehouse", "hook-to-queue"]) {
      await flowJson(["deploy", name, "--wait", "30"]);
    }
    await openFlow(page, "orders-by-country");
    await waitUntilRunning(page);
    await expect.poll(() => countOnWire(page, "route.de", "total"), { timeout: 60_000 }).toBeGreaterThan(100);
    await chooseNode(page, "route");
    await waitUntilStill(page);
    await page.mouse.move(700, 800);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot(picture(`editor-${scheme}`));
    }

    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/flows/place-order?node=book&fails=maybe");
    await expect(page.getByTestId("simulated-undos").locator(":scope > li")).toHaveCount(3);
    await waitUntilStill(page);
    await page.mouse.move(700, 800);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot(picture(`simulated-${scheme}`));
    }

    const { runs } = await flowJson<Runs>(["runs", "notify-warehouse", "--failed", "--limit", "50"]);
    await page.goto(`/runs/${runs.find(({ attempts }) => attempts > 1)!.id}`);
    await expect(nodeCard(page, "notify")).toHaveAttribute("data-way", "bad");
    await waitUntilStill(page);
    await page.screenshot(picture("run-dark"));

    await flowJson(["deploy", "place-order", "--wait", "30"]);
    const findUndone = async () =>
      (await flowJson<Sagas>(["sagas", "place-order", "--status", "compensated"])).sagas.find(
        ({ error }) => error?.node === "book",
      );
    await expect.poll(findUndone, { timeout: 60_000 }).toBeTruthy();
    await page.goto(`/sagas/${(await findUndone())!.id}?at=charge.undo.1`);
    await expect(nodeCard(page, "charge")).toHaveAttribute("data-way", "undo");
    await waitUntilStill(page);
    for (const scheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot(picture(`saga-${scheme}`));
    }

    await page.goto("/flows");
    await expect(page.locator("tbody tr").filter({ hasText: "Order traffic" })).toContainText(/\d\/s/);
    await page.screenshot(picture("flows-light"));
  });
}
