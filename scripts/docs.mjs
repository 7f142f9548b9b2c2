#!/usr/bin/env node
// Writes docs/nodes.md from the catalog, and what was measured into docs/performance.md. Tests say when it is due.
import { readFile, writeFile } from "node:fs/promises";
import { tsImport } from "tsx/esm/api";

const { writeNodeReference } = await tsImport("../flow/node-reference.ts", import.meta.url);
await writeFile(new URL("../docs/nodes.md", import.meta.url), writeNodeReference());
console.log("docs/nodes.md is written.");

const { fillPage } = await tsImport("../bench/page.ts", import.meta.url);
const { readLatest } = await tsImport("../bench/latest.ts", import.meta.url);
const page = new URL("../docs/performance.md", import.meta.url);
await writeFile(page, fillPage(await readFile(page, "utf8"), readLatest()));
console.log("docs/performance.md is filled with what was measured last.");
