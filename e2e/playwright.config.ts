import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "@playwright/test";
import type { Lane } from "./app";
import { divide } from "./lanes";

/** `npm test` starts the app, finds a Chromium and says where both are; run alone, the one of `npm start` is used. */
const installed =
  process.env.MILLRACE_CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const isRoot = process.getuid?.() === 0;
/** The environments of the apps, one for each lane of specs. */
const lanes = JSON.parse(process.env.MILLRACE_LANES ?? "[{}]") as Lane["lane"][];
process.env.MILLRACE_TESTS_BEGAN ??= String(Date.now());
const specs = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".spec.ts"));

export default defineConfig<object, Lane>({
  testDir: ".",
  outputDir: "../test-results",
  // The specs of a lane walk through its app, one after the other.
  workers: lanes.length,
  projects: divide(specs, lanes.length).map((testMatch, index) => ({
    name: lanes.length > 1 ? `lane ${index + 1}` : "",
    testMatch,
    workers: 1,
    use: {
      baseURL: lanes[index]?.MILLRACE_URL ?? process.env.MILLRACE_URL ?? "http://127.0.0.1:3000",
      lane: lanes[index] ?? {},
    },
  })),
  fullyParallel: false,
  // What passes only then is named at the end of `npm test` as a defect.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    // What was done, without a picture and a copy of the page at each action: these took a quarter of the time.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: false },
    screenshot: "only-on-failure",
    launchOptions: { executablePath: installed, args: isRoot ? [...quiet, "--no-sandbox"] : quiet },
  },
});
