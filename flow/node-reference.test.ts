import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { kinds } from "./catalog";
import { connectionKinds } from "./connection-catalog";
import { writeNodeReference } from "./node-reference";

it("docs/nodes.md is what the catalog says (else run `npm run docs`)", async () => {
  const written = await readFile(new URL("../docs/nodes.md", import.meta.url), "utf8");
  expect(written).toBe(writeNodeReference());
});

it("names every kind, connection kind and field", () => {
  const reference = writeNodeReference();
  for (const { kind, config } of [...kinds, ...connectionKinds]) {
    expect(reference).toContain(`(\`${kind}\`)`);
    const fields = "shape" in config ? Object.keys(config.shape as object) : [];
    if (fields.length === 0) expect(reference).toContain("It has no settings.");
    for (const field of fields) expect(reference).toContain(`| \`${field}\` |`);
  }
  expect(reference).not.toContain("undefined");
});
