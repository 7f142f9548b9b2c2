import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Unit tests run everywhere; `*.int.test.ts` need the real services and run with VITEST_SCOPE=int (see scripts/test.mjs). */
const integration = process.env.VITEST_SCOPE === "int";
const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  resolve: {
    alias: { "@": root, "server-only": fileURLToPath(new URL("./scripts/server-only-stub.mjs", import.meta.url)) },
  },
  test: {
    include: integration ? ["**/*.int.test.ts"] : ["**/*.test.ts", "**/*.test.tsx"],
    exclude: ["node_modules/**", ".next/**", ".data/**", "e2e/**", ...(integration ? [] : ["**/*.int.test.ts"])],
    testTimeout: integration ? 120_000 : 20_000,
    hookTimeout: integration ? 120_000 : 20_000,
    fileParallelism: !integration,
    maxWorkers: 2,
  },
});
