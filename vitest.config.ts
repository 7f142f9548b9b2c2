import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Unit tests run everywhere; `*.int.test.ts` need the real services and run with VITEST_SCOPE=int (see scripts/test.mjs). */
const integration = process.env.VITEST_SCOPE === "int";
const root = fileURLToPath(new URL(".", import.meta.url));

const beside = [
  "runtime/transports/**/*.int.test.ts",
  "runtime/worker.int.test.ts",
  "runtime/saga/place-order.int.test.ts",
  "examples/examples.int.test.ts",
  "runtime/system/groups.int.test.ts",
];
/** Run by themselves, as their server takes a gigabyte (see scripts/test.mjs). */
const withPulsar = ["runtime/**/*pulsar.int.test.ts"];
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
    // Some wait for brokers most of the time, and two files go side by side; the others kill what they share, or measure.
    ...(integration
      ? {
          // Filters may name files of one project alone.
          passWithNoTests: true,
          projects: [
            {
              extends: true as const,
              test: {
                name: "beside",
                include: beside,
                exclude: [...excluded, ...withPulsar],
                sequence: { groupOrder: 0 },
              },
            },
            {
              extends: true as const,
              test: {
                name: "alone",
                include: ["**/*.int.test.ts"],
                exclude: [...excluded, ...beside, ...withPulsar],
                fileParallelism: false,
                sequence: { groupOrder: 1 },
              },
            },
            {
              extends: true as const,
              test: { name: "pulsar", include: withPulsar, fileParallelism: false, sequence: { groupOrder: 2 } },
            },
          ],
        }
      : {}),
  },
});
