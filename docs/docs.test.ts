import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { kinds } from "@/flow/catalog";
import { checkFlow } from "@/flow/check";
import { flowSchema } from "@/flow/document";
import { parseFlow } from "@/flow/parse";
import { headersOf, textOf } from "@/flow/testing/node-context";
import { readMetadata, writeMetadata } from "@/runtime/transports/queue/job-data";

const read = (name: string) => readFile(new URL(name, import.meta.url), "utf8");
const listBlocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map((match) => match[1]!);

describe("flow-file.md", () => {
  it("shows flows that can be deployed", async () => {
    const examples = listBlocks(await read("flow-file.md"), "json");
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
      const { flow, problems } = parseFlow(example);
      expect(problems).toEqual([]);
      expect(checkFlow(flow!)).toEqual([]);
    }
  });

  it("names every field of the format", async () => {
    const text = await read("flow-file.md");
    const node = flowSchema.shape.nodes.element;
    for (const field of [...Object.keys(flowSchema.shape), ...Object.keys(node.shape)])
      expect(text).toContain(`\`${field}\``);
  });
});

describe("messages.md", () => {
  it("shows the metadata of a job as it is read and written", async () => {
    const [example] = listBlocks(await read("messages.md"), "json");
    const message = readMetadata(example);
    expect(textOf(message.key)).toBe("c-7");
    expect(headersOf(message)).toMatchObject({ origin: "shop", traceparent: expect.stringMatching(/^00-/) });
    expect(message.headers.find(([name]) => name === "checksum")?.[1]).toEqual(new Uint8Array([255]));
    expect(JSON.parse(writeMetadata(message)!)).toEqual(JSON.parse(example!));
  });
});

it("links inside the docs lead somewhere", async () => {
  const pages = [
    "flow-file.md",
    "messages.md",
    "nodes.md",
    "architecture.md",
    "sagas.md",
    "metrics.md",
    "tests.md",
    "connections.md",
  ];
  const texts = await Promise.all(pages.map(read));
  const links = texts.flatMap((text) => [...text.matchAll(/\]\(([a-z-]+\.md)(#[^)]*)?\)/g)].map((match) => match[1]!));
  expect(links.length).toBeGreaterThan(0);
  for (const link of new Set(links)) expect((await read(link)).length).toBeGreaterThan(100);
  // The page that others link into has a heading for every kind.
  for (const kind of kinds) expect(texts[2]).toContain(`### ${kind.label} (\`${kind.kind}\`)`);
});
