import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { expect, it } from "vitest";
import { groupProfile } from "./profile";

const frame = (functionName: string, url = "", lineNumber = -1, columnNumber = -1) => ({
  functionName,
  url,
  lineNumber,
  columnNumber,
});

it("adds up self time within the window, by package, and leaves idle time out", () => {
  const library = "file:///app/node_modules/kafkajs/src/protocol/decoder.js";
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(idle)") },
      { id: 2, callFrame: frame("readVarInt", library, 3, 1) },
      { id: 3, callFrame: frame("(garbage collector)") },
      { id: 4, callFrame: frame("writev") },
    ],
    startTime: 1_000,
    // Each sample holds until the next one; the first is before the window.
    samples: [2, 2, 1, 3, 2, 4, 1],
    timeDeltas: [0, 100, 100, 100, 100, 100, 100],
  };
  expect(groupProfile(profile, 1_100, 2_000, 100)).toEqual([
    { name: "kafkajs", us: 2, functions: [{ name: "readVarInt protocol/decoder.js", us: 2 }] },
    { name: "garbage collection", us: 1, functions: [{ name: "(garbage collector)", us: 1 }] },
    { name: "Node, native", us: 1, functions: [{ name: "writev", us: 1 }] },
  ]);
});

it("finds the files that a bundle is made of", () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  const source = fileURLToPath(new URL("statistics.ts", import.meta.url));
  const outfile = join(folder, "bundle.mjs");
  buildSync({ entryPoints: [source], outfile, bundle: true, format: "esm", sourcemap: true });
  const lines = buildSync({ entryPoints: [source], bundle: true, format: "esm", write: false }).outputFiles[0]!.text;
  const line = lines.split("\n").findIndex((text) => text.includes("function findMedian"));
  writeFileSync(join(folder, "unrelated.txt"), "");
  const profile = {
    nodes: [{ id: 1, callFrame: frame("findMedian", pathToFileURL(outfile).href, line, 9) }],
    startTime: 0,
    samples: [1, 1],
    timeDeltas: [0, 50],
  };
  expect(groupProfile(profile, 0, 100, 1)).toEqual([
    { name: "bench/statistics.ts", us: 50, functions: [{ name: "findMedian", us: 50 }] },
  ]);
});
