#!/usr/bin/env node
// Writes docs/nodes.md from the catalog. A test says when it is due.
import { writeFile } from "node:fs/promises";
import { tsImport } from "tsx/esm/api";

const { writeNodeReference } = await tsImport("../flow/node-reference.ts", import.meta.url);
await writeFile(new URL("../docs/nodes.md", import.meta.url), writeNodeReference());
console.log("docs/nodes.md is written.");
