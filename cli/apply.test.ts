import { describe, expect, it } from "vitest";
import type { FlowDocument } from "../flow/document";
import type { Client } from "./client";
import { runCommand } from "./run-command";

function drawing(name: string, when = "body.price > 10"): FlowDocument {
  return {
    format: "millrace/flow@1",
    name,
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: name } },
      { id: "dear", kind: "filter", config: { when } },
      { id: "seen", kind: "log", config: {} },
    ],
    edges: [
      { from: "hook", to: "dear" },
      { from: "dear.pass", to: "seen" },
    ],
  };
}

interface Stored {
  draft: FlowDocument;
  revision: number;
  running?: FlowDocument;
  stopped?: boolean;
}

/** A server with some flows, that remembers what it was asked to change. */
function openServer(flows: Record<string, Stored>) {
  const asked: { apply: unknown[]; deploy: unknown[] } = { apply: [], deploy: [] };
  const view = (name: string) => {
    const flow = flows[name]!;
    const deployment = flow.running ? { version: 7, desired: flow.stopped ? "stopped" : "running" } : null;
    return { name, revision: flow.revision, draft: flow.draft, running: flow.running ?? null, deployment };
  };
  const client = {
    flows: {
      list: { query: async () => Object.keys(flows).map(view) },
      get: { query: async ({ name }: { name: string }) => view(name) },
      check: { query: async () => ({ problems: [], semantics: null }) },
      applyAll: {
        mutate: async (request: { set: { document: FlowDocument; revision: number | null }[]; remove: object[] }) => {
          asked.apply.push(request);
          const saved = request.set.map(({ document, revision }) => ({
            name: document.name,
            created: revision === null,
            revision: (revision ?? 0) + 1,
          }));
          return { saved, removed: request.remove };
        },
      },
    },
    versions: { get: { query: async () => ({ number: 1, document: drawing("orders", "body.price > 1") }) } },
    deployments: {
      deploy: {
        mutate: async (request: object) => {
          asked.deploy.push(request);
          return { ok: true, version: 8, revision: 3, createdVersion: true, move: "What is held stays in Postgres." };
        },
      },
    },
  };
  return { client: client as unknown as Client, asked };
}

async function run(
  line: readonly string[],
  flows: Record<string, Stored>,
  files: Record<string, FlowDocument | string>,
  ask?: () => Promise<boolean>,
) {
  let [out, err] = ["", ""];
  const { client, asked } = openServer(flows);
  const text = (path: string) => {
    const file = files[path];
    return typeof file === "string" ? file : JSON.stringify(file);
  };
  const code = await runCommand(line, {
    env: {},
    write: (words) => {
      out += words;
    },
    complain: (words) => {
      err += words;
    },
    readFile: async (path) => text(path),
    fileExists: (path) => path in files,
    writeFile: async () => {},
    listFiles: async () => Object.keys(files),
    ask,
    now: () => 0,
    sleep: async () => {},
    client,
  });
  return { code, out, err, asked };
}

const orders = { draft: drawing("orders"), revision: 4, running: drawing("orders") };
const changed = drawing("orders", "body.price > 20");

describe("apply", () => {
  it("shows the plan, and does it all in one with the revisions that it saw", async () => {
    const files = { "f/orders.flow.json": changed, "f/new.flow.json": drawing("new"), "f/readme.md": "no flow" };
    const { code, out, asked } = await run(["apply", "f", "--yes"], { orders, left: orders }, files);
    expect(code).toBe(0);
    expect(out).toContain("+ new: create it with 3 nodes (f/new.flow.json)");
    expect(out).toContain("~ orders: change revision 4 (f/orders.flow.json): 1 node changed");
    expect(out).toContain("config.when: body.price > 10 → body.price > 20");
    expect(out).toContain("? left: in no file, left alone; --prune would delete it. It runs (v7).");
    expect(out).toContain("Plan: 1 to create, 1 to change, 0 unchanged, 0 to delete, 0 to deploy.");
    expect(asked.apply).toEqual([
      {
        set: [
          { document: drawing("new"), revision: null },
          { document: changed, revision: 4 },
        ],
        remove: [],
      },
    ]);
    expect(asked.deploy).toEqual([]);
  });

  it.each([
    ["--dry-run", ["--dry-run"], undefined, 0],
    ["nobody to ask", [], undefined, 1],
    ["no", [], async () => false, 1],
  ] as const)("changes nothing: %s", async (_words, options, ask, expected) => {
    const { code, asked } = await run(["apply", "f", ...options], { orders }, { "f/o.flow.json": changed }, ask);
    expect([code, asked.apply]).toEqual([expected, []]);
  });

  it("asks where there is somebody to ask", async () => {
    const { code, out, err, asked } = await run(
      ["apply", "f", "--json"],
      { orders },
      { "f/o.flow.json": changed },
      async () => true,
    );
    expect([code, asked.apply.length]).toEqual([0, 1]);
    expect(err).toContain("~ orders");
    expect(JSON.parse(out)).toMatchObject({ applied: true, plan: [{ name: "orders", does: "change", revision: 4 }] });
  });

  it("names every bad file with its place, and changes nothing", async () => {
    const bad = {
      "f/a.flow.json": "{",
      "f/b.flow.json": drawing("b", "body.price >"),
      "f/c.flow.json": changed,
      "f/d.flow.json": changed,
    };
    const { code, err, asked } = await run(["apply", "f", "--yes"], { orders }, bad);
    expect(code).toBe(1);
    for (const words of [
      "f/a.flow.json:",
      "f/b.flow.json:",
      "dear · when",
      "f/d.flow.json:",
      "is in f/c.flow.json, too",
    ])
      expect(err).toContain(words);
    expect(err).toContain("3 mistakes in f; nothing was changed");
    expect(asked.apply).toEqual([]);
    const none = await run(["apply", "f", "--yes", "--prune"], { orders }, {});
    expect([none.code, none.asked.apply]).toEqual([1, []]);
  });

  it("deletes only when asked, and a running flow only when it may be stopped", async () => {
    const files = { "f/new.flow.json": drawing("new") };
    const refused = await run(["apply", "f", "--yes", "--prune"], { orders }, files);
    expect([refused.code, refused.asked.apply]).toEqual([1, []]);
    expect(refused.err).toContain("orders (v7) runs, and a running flow is not deleted. `--stop`");
    const done = await run(["apply", "f", "--yes", "--prune", "--stop"], { orders }, files);
    expect(done.code).toBe(0);
    expect(done.out).toContain("- orders: delete revision 4, it is in no file. It runs (v7) and is stopped first.");
    expect(done.asked.apply).toMatchObject([{ remove: [{ name: "orders", revision: 4, stop: true }] }]);
  });

  it("deploys what changed and what was not deployed yet, and warns of what is held elsewhere", async () => {
    const flows = {
      orders,
      same: { draft: drawing("same"), revision: 2, running: drawing("same") },
      behind: { draft: drawing("behind"), revision: 5, running: drawing("behind", "body.price > 1") },
    };
    const files = { "f/o.flow.json": changed, "f/s.flow.json": drawing("same"), "f/b.flow.json": drawing("behind") };
    const { code, err, asked } = await run(["apply", "f", "--yes", "--deploy"], flows, files);
    expect(code).toBe(0);
    expect(asked.deploy).toMatchObject([
      { flow: "behind", revision: 5 },
      { flow: "orders", revision: 5 },
    ]);
    expect(err).toContain("warning  What is held stays in Postgres.");
  });
});

describe("diff", () => {
  const files = { "o.flow.json": changed };
  it.each([
    ["the draft", [], changed, 0],
    ["the draft", [], drawing("orders"), 1],
    ["v1", ["--version", "1"], changed, 1],
    ["what is deployed (v7)", ["--running"], changed, 1],
  ])("against %s %j", async (against, options, draft, expected) => {
    const { code, out } = await run(["diff", "o.flow.json", ...options], { orders: { ...orders, draft } }, files);
    expect(code).toBe(expected);
    expect(out).toContain(against);
    if (expected === 1) expect(out).toContain("~ dear: changed");
  });

  it("does not mind places that a file leaves to the server, and prints one document", async () => {
    const placed = { ...changed, nodes: changed.nodes.map((node) => ({ ...node, position: { x: 1, y: 1 } })) };
    const { code, out } = await run(["diff", "o.flow.json", "--json"], { orders: { ...orders, draft: placed } }, files);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ flow: "orders", differs: "nothing", diff: { nodes: [] } });
  });

  it("ends with 2 when it cannot be told", async () => {
    const { code } = await run(
      ["diff", "o.flow.json", "--running"],
      { orders: { draft: changed, revision: 1 } },
      files,
    );
    expect(code).toBe(2);
  });
});
