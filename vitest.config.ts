import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

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

export default defineConfig({
  resolve: {
    alias: { "@": root, "server-only": fileURLToPath(new URL("./scripts/server-only-stub.mjs", import.meta.url)) },
  },
  test: {
    include: integration ? [] : ["**/*.test.ts", "**/*.test.tsx"],
    exclude: [...excluded, ...(integration ? [] : ["**/*.int.test.ts"])],
    testTimeout: integration ? 120_000 : 20_000,
    hookTimeout: integration ? 120_000 : 20_000,
    maxWorkers: 2,
    // Most wait for brokers most of the time, so three files go side by side; each has databases, topics and queues of its own.
    ...(integration
      ? {
          // Filters may name files of one project alone.
          passWithNoTests: true,
          projects: [
            {
              extends: true as const,
              test: {
                name: "beside",
                include: ["**/*.int.test.ts"],
                exclude: [...excluded, ...alone],
                maxWorkers: 3,
                sequence: { groupOrder: 0 },
              },
            },
            {
              extends: true as const,
              test: { name: "alone", include: alone, fileParallelism: false, sequence: { groupOrder: 1 } },
            },
          ],
        }
      : {}),
  },
});
