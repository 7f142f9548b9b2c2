import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

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

export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  // The specs walk through one app, one after the other.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL: process.env.MILLRACE_URL ?? "http://127.0.0.1:3000",
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    // What was done, without a picture and a copy of the page at each action: these took a quarter of the time.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: false },
    screenshot: "only-on-failure",
    launchOptions: { executablePath: installed, args: isRoot ? [...quiet, "--no-sandbox"] : quiet },
  },
});
