import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect, it } from "vitest";

it("tells places of a bundle as they stand in its sources, also of an error that nobody caught", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-stack-"));
  try {
    const source = [
      `import { mapStackTraces } from ${JSON.stringify(join(import.meta.dirname, "stack-traces.ts"))};`,
      "mapStackTraces(import.meta.url);",
      "class Away extends Error { override readonly name = 'Away'; }",
      "interface Unseen { readonly takes: 'lines that the bundle does not have' }",
      "function fail(): Unseen {",
      "  throw new Away('no broker');",
      "}",
      "try { fail(); } catch (error) { console.log((error as Error).stack); }",
      "[1].map(fail);",
    ];
    writeFileSync(join(folder, "main.ts"), source.join("\n"));
    const outfile = join(folder, "main.mjs");
    const options = { bundle: true, platform: "node", format: "esm", sourcemap: true, minifySyntax: true } as const;
    buildSync({ entryPoints: [join(folder, "main.ts")], outfile, ...options });
    const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: "utf8" });
    expect(stdout).toMatch(/^Away: no broker\n {4}at fail \(file:\S+\/main\.ts:6:9\)\n {4}at file:\S+\/main\.ts:8:7\n/);
    expect(stderr).toMatch(
      /Away: no broker\n {4}at fail \(file:\S+\/main\.ts:6:9\)\n {4}at Array\.map \(<anonymous>\)/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
