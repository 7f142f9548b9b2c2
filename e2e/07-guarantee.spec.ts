/** What a flow guarantees: always in sight, by path, and each weakening leads to its node. */
import { expect, makeMark, signIn, test } from "./app";
import { inspector, nodeCard, openFlow } from "./drawing";
import { flow, pushFlow } from "./shell";

const name = `promise-${makeMark(import.meta.url)}`;
const drawn = {
  name,
  nodes: [
    { id: "orders", kind: "kafka-source", config: { topic: "orders" } },
    { id: "ask", kind: "http-request", config: { url: "http://127.0.0.1:9/x", order: "none" } },
    { id: "german", kind: "kafka-sink", config: { topic: "orders.de" } },
    { id: "seen", kind: "kafka-sink", config: { topic: "orders.de", key: "body.id" } },
  ],
  edges: [
    { from: "orders", to: "ask" },
    { from: "ask", to: "german" },
    { from: "orders", to: "seen" },
  ],
};

test("the guarantee leads to the node that weakens it, and says what would mend it", async ({ page }) => {
  await pushFlow(drawn);
  await signIn(page);
  await openFlow(page, name);
  const guarantee = page.getByTestId("guarantee");
  await expect(guarantee).toContainText("At least once · no order");
  await expect(nodeCard(page, "ask").getByRole("img", { name: /^Weakens the flow: From ask on/ })).toBeVisible();
  await expect(nodeCard(page, "german").getByTestId("weakens")).toHaveCount(0);

  await guarantee.press("Enter");
  const panel = page.getByTestId("guarantee-panel");
  const weakest = panel.getByRole("button", { name: "Orders to German At least once · no order" });
  await expect(weakest).toHaveAttribute("aria-expanded", "true");
  await expect(panel.getByRole("button", { name: /Orders to Seen/ })).toContainText("ordered by key");
  await expect(panel).toContainText("Let it keep the order by key or by lane.");
  await panel.getByRole("button", { name: "Ask", exact: true }).first().click();
  await expect(panel).toHaveCount(0);
  await expect(inspector(page)).toContainText("HTTP request");
  await expect(inspector(page).getByTestId("node-guarantee")).toContainText("From ask on there is no order");
  await expect(page).toHaveURL(/node=ask/);

  await page.getByRole("button", { name: "Flow settings" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: /^Exactly once/ }).check();
  await expect(dialog.getByRole("alert")).toContainText("1 node keeps the flow from it");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(nodeCard(page, "ask")).toHaveAttribute("data-invalid", "true");
  await inspector(page).getByRole("button", { name: "Deliver at least once" }).click();
  await expect(nodeCard(page, "ask")).not.toHaveAttribute("data-invalid");
});

test("check says the same from the shell, and refuses what does not hold", async () => {
  const file = { format: "millrace/flow@1", ...drawn };
  const well = await flow(["check", "-"], { input: JSON.stringify(file) });
  expect(well.code).toBe(0);
  expect(well.out).toMatch(/orders → german +At least once · no order/);
  const asked = { ...file, settings: { delivery: "exactly-once" } };
  const refused = await flow(["check", "-"], { input: JSON.stringify(asked) });
  expect(refused.code).toBe(1);
  expect(refused.out).toContain("(exactly-once-broken)");
});
