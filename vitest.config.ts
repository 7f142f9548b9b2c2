import { fileURLToPath } from "node:url";
import { defineConfig, type TestUserConfig } from "vitest/config";

/** Unit tests run everywhere; `*.int.test.ts` need the real services and run with VITEST_SCOPE=int (see scripts/test.mjs). */
const integration = process.env.VITEST_SCOPE === "int";
const root = fileURLToPath(new URL(".", import.meta.url));

/** They kill their servers under full load, or measure: nothing runs beside them. */
const alone = [
  "runtime/system/cluster.int.test.ts",
  "runtime/system/delivery.int.test.ts",
  "runtime/chaos/chaos.int.test.ts",
];
const excluded = ["node_modules/**", ".next/**", ".data/**", "e2e/**"];
/** What they import is loaded once for all of them, which is most of their time: none leaves anything behind in it. */
const together = ["flow", "components", "server", "cli", "app", "prisma"].map((layer) => `${layer}/**/*.test.{ts,tsx}`);

export default defineConfig({
  resolve: {
    alias: { "@": root, "server-only": fileURLToPath(new URL("./scripts/server-only-stub.mjs", import.meta.url)) },
  },
  test: {
    exclude: excluded,
    testTimeout: integration ? 120_000 : 20_000,
    hookTimeout: integration ? 120_000 : 20_000,
    maxWorkers: 2,
    // Filters may name files of one project alone.
    passWithNoTests: integration,
    projects: integration
      ? [
          // Most wait for brokers most of the time, so three files go side by side; each has databases, topics and queues of its own.
          project("beside", { include: ["**/*.int.test.ts"], exclude: alone, maxWorkers: 3 }),
          project("alone", { include: alone, fileParallelism: false, sequence: { groupOrder: 1 } }),
        ]
      : [
          project("together", { include: together, exclude: ["**/*.int.test.ts"], isolate: false }),
          project("apart", { include: ["**/*.test.{ts,tsx}"], exclude: ["**/*.int.test.ts", ...together] }),
        ],
  },
});

function project(name: string, { exclude = [], ...test }: TestUserConfig) {
  return { extends: true as const, test: { ...test, name, exclude: [...excluded, ...exclude] } };
}
