/** A Chromium for browser tests and measurements: the installed one, else Playwright's, else the distribution's. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../data.mjs";
import { canInstall, findProgram, installPackages, run } from "../system.mjs";
import { print } from "../terminal.mjs";

const shell = "chromium-headless-shell";
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Path of Chromium's headless shell, which has no window to draw and takes half the processor's time; without one, of any Chromium. */
export async function findHeadlessShell(options) {
  if (!findProgram(shell) && canInstall(options)) await installPackages([shell], "the browser tests");
  const path = findProgram(shell);
  return path && (await starts(path)) ? path : findChromium(options);
}

/** Path of one that starts; null when there is none to be had. */
export async function findChromium(options) {
  const installed = await findInstalled();
  if (installed) return installed;
  print("  … fetching Playwright's Chromium");
  const cli = join(root, "node_modules", "@playwright", "test", "cli.js");
  await run(process.execPath, [cli, "install", "chromium"], { cwd: root, timeoutMs: 300_000 }).catch(() => null);
  const own = await findPlaywrights();
  if (own) return own;
  if (canInstall(options)) await installPackages(["chromium"], "the browser tests");
  return findInstalled();
}

async function findInstalled() {
  for (const name of names) {
    const path = findProgram(name);
    if (path && (await starts(path))) return path;
  }
  return findPlaywrights();
}

async function findPlaywrights() {
  const { chromium } = await import("@playwright/test");
  const path = chromium.executablePath();
  return existsSync(path) && (await starts(path)) ? path : null;
}

async function starts(path) {
  return (await run(path, ["--version"], { timeoutMs: 20_000 }).catch(() => null))?.ok ?? false;
}
