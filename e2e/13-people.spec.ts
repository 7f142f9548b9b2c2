/** People: invited by a link, raised, signed out from afar, with a token for one flow; and the audit that tells all of it. */
import type { Page } from "@playwright/test";
import { addressOfApp, expect, makeMark, signIn, test } from "./app";

const mark = makeMark(import.meta.url, "serial");
const grace = { name: "Katherine Johnson", email: `grace-${mark}@example.org`, password: "nanoseconds-11" };
const pictures = process.env.MILLRACE_PICTURES;

async function picture(page: Page, name: string): Promise<void> {
  if (!pictures) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: `${pictures}/people-${name}-${colorScheme}.png` });
  }
}

const choose = async (page: Page, field: string, option: string) => {
  await page.getByRole("combobox", { name: field, exact: true }).click();
  await page.getByRole("option", { name: option }).click();
};

test("invited, raised, signed out; the audit tells it", async ({ page, browser }) => {
  await signIn(page);
  await page.goto("/settings?tab=users");
  await page.getByRole("button", { name: "Invite" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Email").fill(grace.email);
  await choose(page, "Role", "Viewer");
  await picture(page, "invite");
  await dialog.getByRole("button", { name: "Make link" }).click();
  const link = await dialog.locator("pre").innerText();
  expect(link).toContain(`${addressOfApp()}/invitation/`);
  await picture(page, "link");
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByRole("row", { name: new RegExp(grace.email) })).toContainText("Viewer");
  await picture(page, "users");

  const elsewhere = await browser.newContext();
  const guest = await elsewhere.newPage();
  await test.step("the link opens an account, once", async () => {
    await guest.goto(link);
    await picture(guest, "invitation");
    await guest.getByLabel("Name").fill(grace.name);
    await guest.getByLabel("Password").fill(grace.password);
    await guest.getByRole("button", { name: "Create account and sign in" }).click();
    await guest.waitForURL("**/flows");
    await expect(guest.getByRole("link", { name: "Audit" })).toHaveCount(0);
    const other = await elsewhere.newPage();
    await other.goto(link);
    await expect(other.getByRole("heading", { name: "This invitation was used" })).toBeVisible();
    await picture(other, "used");
    await other.close();
  });

  await test.step("a greater role holds for the page that is open", async () => {
    await page.reload();
    await choose(page, `Role of ${grace.name}`, "Operator");
    await expect(guest.getByRole("link", { name: "Audit" })).toBeVisible({ timeout: 15_000 });
  });

  await test.step("a token for one flow, that only reads", async () => {
    await page.goto("/settings?tab=tokens");
    await page.getByRole("button", { name: "New token" }).first().click();
    await dialog.getByLabel("Name").fill(`CI ${mark}`);
    await dialog.getByRole("switch", { name: "Only reads" }).click();
    await choose(page, "Flows", "Only some flows");
    await expect(dialog.getByRole("button", { name: "Create token" })).toBeDisabled();
    await dialog.getByRole("checkbox", { name: /orders-by-country$/ }).click();
    await picture(page, "token");
    await dialog.getByRole("button", { name: "Create token" }).click();
    const token = await dialog.locator("pre").innerText();
    const ask = async (procedure: string, input: object) => {
      const query = new URLSearchParams({ input: JSON.stringify({ json: input }) });
      const headers = { authorization: `Bearer ${token}` };
      return (await page.request.get(`/api/trpc/${procedure}?${query}`, { headers })).text();
    };
    expect(await ask("flows.get", { name: "orders-by-country" })).toContain('"nodes"');
    expect(await ask("flows.get", { name: "notify-warehouse" })).toContain("token-out-of-scope");
    await dialog.getByRole("button", { name: "I have copied it" }).click();
    await expect(page.getByRole("row", { name: `CI ${mark}` })).toContainText("only reads · orders-by-country");
    await picture(page, "tokens");
  });

  await test.step("a password of one's own: the session elsewhere ends, this one stays", async () => {
    const other = await browser.newContext();
    const second = await other.newPage();
    await signIn(second, grace);
    await second.goto("/flows");
    await second.waitForURL("**/flows");
    await guest.goto("/settings?tab=account");
    const fill = async (current: string, next: string, again = next) => {
      await guest.getByLabel("Current password").fill(current);
      await guest.getByLabel("New password", { exact: true }).fill(next);
      await guest.getByLabel("New password again").fill(again);
    };
    const change = guest.getByRole("button", { name: "Change password" });
    await fill(grace.password, "microseconds-12", "microseconds-13");
    await expect(guest.getByText("This is not the same.")).toBeVisible();
    await expect(change).toBeDisabled();
    await fill("not-it-at-all", "microseconds-12");
    await change.click();
    await expect(guest.getByText("The password was not changed")).toBeVisible();
    await picture(guest, "password");
    await fill(grace.password, "microseconds-12");
    await change.click();
    await expect(guest.getByText("Password changed")).toBeVisible();
    await second.waitForURL("**/sign-in?to=*", { timeout: 15_000 });
    const old = { email: grace.email, password: grace.password };
    const headers = { origin: addressOfApp() };
    expect((await second.request.post("/api/auth/sign-in/email", { data: old, headers })).status()).toBe(401);
    await other.close();
    await guest.reload();
    await expect(guest.getByRole("button", { name: "Change password" })).toBeVisible();
  });

  await test.step("a session that is ended is over within seconds", async () => {
    await page.goto("/settings?tab=sessions");
    await expect(page.getByRole("row", { name: grace.email })).toBeVisible();
    await picture(page, "sessions");
    await page.getByRole("button", { name: `End the session of ${grace.name}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
    await guest.waitForURL("**/sign-in?to=*", { timeout: 15_000 });
  });

  await test.step("the audit", async () => {
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByLabel("Object").fill(grace.email);
    await page.keyboard.press("Enter");
    await page.waitForURL(/object=grace/);
    const entries = page.getByRole("region", { name: "Entries" });
    // Until the answer is there, what was listed before stands: of others, too.
    await expect(entries.getByRole("row").filter({ hasNotText: grace.email })).toHaveCount(1);
    await expect(entries.getByRole("button", { name: "Changed their password", exact: true })).toBeVisible();
    for (const words of ["Invited", "Took an invitation", "Signed in", "Changed the role", "Ended a session"])
      await expect(entries.getByRole("button", { name: words, exact: true }).first()).toBeVisible();
    await picture(page, "audit");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "CSV" }).click();
    expect((await download).suggestedFilename()).toBe("audit.csv");
    await entries.getByRole("button", { name: "Invited", exact: true }).click();
    await page.waitForURL(/action=user.invite/);
    await expect(entries.getByRole("row")).toHaveCount(2);
  });
  await elsewhere.close();
});
