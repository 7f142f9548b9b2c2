/** Builds what production runs: the pages (.next) and the bundles of worker, command line and seed (dist). Each only when its sources changed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readState, root, writeState } from "./data.mjs";
import { checkNode, generateClient, hashFiles, installPackagesOfLock } from "./install.mjs";
import { runOrFail } from "./system.mjs";
import { fail, step } from "./terminal.mjs";

const shared = ["flow", "prisma", "tsconfig.json", "package-lock.json"];
const pageSources = [...shared, "app", "components", "server", "public", "next.config.mjs", "postcss.config.mjs"];
const bundleSources = [...shared, "runtime", "cli", "server/views.ts", "server/saga-views.ts", "scripts/build.mjs"];
const entries = {
  worker: "runtime/main.ts",
  seed: "prisma/seed-main.ts",
  "reset-password": "prisma/reset-password-main.ts",
};
/** Started for each command that somebody types: one file with all that it needs, as looking for packages would take a third of its time. */
const whole = { cli: "cli/main.ts" };

/** Bundles worker, command line and seed; packages stay in node_modules, but for the command line's. */
export async function buildBundles() {
  await step("Worker and command line", async (note) => {
    const hash = hashFiles(bundleSources);
    const files = Object.keys({ ...entries, ...whole }).map((name) => join(root, "dist", `${name}.mjs`));
    if (readState().bundles === hash && files.every((file) => existsSync(file))) return false;
    note("bundled");
    const { build } = await import("esbuild");
    const options = {
      absWorkingDir: root,
      outdir: "dist",
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: true,
      logLevel: "error",
    };
    await Promise.all([
      build({ ...options, entryPoints: entries, packages: "external" }),
      build({ ...options, entryPoints: whole }),
    ]);
    writeState({ bundles: hash });
  });
}

/** Builds the pages. */
export async function buildPages() {
  await step("Pages", async (note) => {
    const hash = hashFiles(pageSources);
    if (readState().pages === hash && existsSync(join(root, ".next", "BUILD_ID"))) return false;
    note("built");
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
    const next = join(root, "node_modules", "next", "dist", "bin", "next");
    await runOrFail("next build", process.execPath, [next, "build"], { cwd: root, env, timeoutMs: 600_000 });
    writeState({ pages: hash });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    checkNode();
    await installPackagesOfLock();
    await generateClient();
    await buildBundles();
    await buildPages();
  } catch (error) {
    fail(error);
    process.exit(1);
  }
}
