/** What every spec stands on: a signed-in page, and an eye on the browser's console. */
import { test as base, type ConsoleMessage, expect, type Page } from "@playwright/test";

/** The administrator whom the first spec creates as the first visitor. */
export const ada = { name: "Ada Lovelace", email: "ada@example.org", password: "correct-horse-9" };

interface Fixtures {
  /** Errors that the test brings about on purpose, by what they say. Everything else in the console fails the test. */
  expectedErrors: RegExp[];
  console: string[];
}

/**
 * What sets the names of a spec apart from those of other specs and other runs. The same in each process of a run: when a test fails, the
 * rest of its spec goes on in a new one, with what the tests before it have made. `serial`: of a spec that is tried again from its
 * beginning (its tests hang together, or there is one), which must find nothing of the first time.
 */
export function makeMark(spec: string, serial?: "serial"): string {
  const sum = [...spec].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 1_000_000, 7);
  const turn = serial ? Number(process.env.TEST_WORKER_INDEX) * 1_000_000 : 0;
  return (Number(process.env.MILLRACE_TESTS_BEGAN) + sum + turn).toString(36);
}

export interface Lane {
  /** The environment of the app that this part of the specs walks through; empty where the environment names it already. */
  lane: Record<string, string>;
}

export const test = base.extend<Fixtures, Lane & { surroundings: undefined }>({
  lane: [{}, { scope: "worker", option: true }],
  surroundings: [
    async ({ lane }, use) => {
      Object.assign(process.env, lane);
      await use(undefined);
    },
    { scope: "worker", auto: true },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what the fixture needs
  expectedErrors: async ({}, use) => {
    await use([]);
  },
  console: [
    async ({ context, expectedErrors }, use) => {
      const errors: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") errors.push(describe(message));
      });
      context.on("weberror", (error) => errors.push(`${error.error().stack ?? error.error().message}`));
      await use(errors);
      const unexpected = errors.filter((text) => !expectedErrors.some((pattern) => pattern.test(text)));
      expect(unexpected, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

function describe(message: ConsoleMessage): string {
  const { url } = message.location();
  return url ? `${message.text()} (${url})` : message.text();
}

/** Signs in without the page: the cookie is the same. A database without accounts gets the administrator. */
export async function signIn(page: Page, as: { email: string; password: string } = ada): Promise<void> {
  const post = (path: string, data: object) =>
    page.request.post(`/api/auth/${path}`, { data, headers: { origin: addressOfApp() } });
  const answer = await post("sign-in/email", as);
  if (answer.ok()) return;
  const created = await post("sign-up/email", ada);
  expect(created.ok(), `no account ${as.email}: ${answer.status()}, ${created.status()}`).toBe(true);
}

export function addressOfApp(): string {
  return process.env.MILLRACE_URL ?? "http://127.0.0.1:3000";
}

/** Keeps a measured time with the report, where people and later releases can compare it. */
export function report(type: string, milliseconds: number): void {
  const description = `${(milliseconds / 1_000).toFixed(2)} s`;
  test.info().annotations.push({ type, description });
  process.stdout.write(`    ${type}: ${description}\n`);
}

export { expect };
