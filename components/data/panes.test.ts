import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";
import { DataTree, pathTo } from "./data-tree";
import { runLive } from "./live-output";
import { InputPane, OutputPane } from "./panes";
import { readBody, samplesOfRuns, samplesOfTrial } from "./samples";
import type { NodeData } from "./use-node-data";

const sample = {
  values: { body: { id: "o-1", total: 120, lines: [{ sku: "a" }] }, key: "c-7", headers: { "x-a": "1" }, meta: {} },
  words: "the newest message",
};
const data: NodeData = {
  origins: [{ value: "runs", label: "Last messages here" }],
  origin: "runs",
  chooseOrigin: () => undefined,
  samples: [sample],
  index: 0,
  pick: () => undefined,
  pinned: false,
  reading: false,
  scopes: [sample],
  scope: sample,
  undoScope: sample,
  body: undefined,
};
const node = { id: "big", kind: "filter", config: { when: "body.total > 100" } };

it("draws a tree whose rows are the paths that expressions take", () => {
  const html = renderToString(createElement(DataTree, { label: "Body", root: "body", value: sample.values.body }));
  for (const path of ["body", "body.id", "body.lines", "body.lines[0]"]) expect(html).toContain(`data-path="${path}"`);
  expect(html).not.toContain("body.lines[0].sku");
  expect(pathTo("headers", "x-a", false)).toBe("headers['x-a']");
});

it("cuts long texts with a mark", () => {
  const html = renderToString(createElement(DataTree, { label: "Body", root: "body", value: "x".repeat(5_000) }));
  expect(html).toContain("5,000");
  expect(html.length).toBeLessThan(2_000);
});

it("draws both panes", () => {
  expect(renderToString(createElement(InputPane, { data, isSource: false }))).toContain('data-path="body.total"');
  expect(renderToString(createElement(OutputPane, { node, data }))).toContain("Output");
});

it("gives what a step that only computes gives, by port, or why it fails", async () => {
  const run = (kind: string, config: object) => runLive({ id: "n", kind, config: { ...config } }, sample);
  expect(await run("filter", { when: "body.total > 100" })).toMatchObject({ ok: true, out: [{ port: "pass" }] });
  expect(await run("map", { set: { sum: "body.total * 2" } })).toMatchObject({
    out: [{ body: { id: "o-1", sum: 240 } }],
  });
  expect(await run("split", { items: "body.lines" })).toMatchObject({ out: [{ body: { sku: "a" } }] });
  expect(await run("filter", { when: "body.totl > 100" })).toMatchObject({ ok: false });
  expect(await run("http-request", { url: "/x" })).toBeNull();
});

it("reads samples from runs and from a trial", () => {
  const seen = {
    runId: "r",
    at: new Date(0),
    key: "k",
    in: '{"a":1}',
    out: [{ port: "pass", value: "{}" }],
    state: "done",
    error: null,
    durationMs: 1,
  };
  expect(samplesOfRuns([seen], {})[0]).toMatchObject({
    values: { body: { a: 1 }, key: "k" },
    out: [{ port: "pass", body: {} }],
  });
  const payload = { key: null, headers: [], value: '{"b":2}', encoding: "text" as const, truncated: false };
  const step = { node: "big", startMs: 0, durationMs: 1, attempt: 1, in: 0, out: [], state: "done" as const };
  const trial = {
    state: "done" as const,
    durationMs: 1,
    detail: { steps: [step], payloads: [payload] },
    effects: [],
    outcome: { expect: {} },
    answers: {},
  };
  expect(samplesOfTrial(trial, "big", {})[0]?.values.body).toEqual({ b: 2 });
  expect(samplesOfTrial(trial, "other", {})).toEqual([]);
  expect(readBody("not json")).toBe("not json");
});
