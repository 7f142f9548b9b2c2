import { describe, expect, it } from "vitest";
import { z } from "zod";
import { listFields, titleOf } from "./config-fields";
import { configureNode, portsOf } from "./configure";
import { expression, optionalExpression, template } from "./fields";
import { defineKind, type Kind } from "./kind";

/** A kind with a history, to configure older nodes with. */
const counter = defineKind({
  kind: "counter",
  version: 3,
  role: "step",
  category: "Transform",
  label: "Counter",
  summary: "Counts",
  icon: "hash",
  help: "",
  config: z.strictObject({
    step: z.int().min(1).default(1).meta({ title: "Step", widget: "number" }),
    by: expression({ title: "Count by" }),
    rows: z.array(z.strictObject({ port: z.string(), text: template({ title: "Text" }) })).default([]),
    set: z.record(z.string(), optionalExpression({ title: "Value" })).optional(),
  }),
  ports: ({ rows }) => ({ in: ["in"], out: ["out", ...(rows ?? []).map((row) => row.port)] }),
  subtitle: () => "",
  migrations: {
    1: ({ key, ...rest }) => ({ ...rest, by: key }),
    2: ({ size, ...rest }) => ({ ...rest, step: size ?? 1 }),
  },
  semantics: () => ({}),
  example: { config: { step: 1, by: "key", rows: [] } },
});
const find = (name: string) => (name === "counter" ? (counter as Kind) : undefined);
const configure = (config: Record<string, unknown>, version?: number) =>
  configureNode({ id: "c", kind: "counter", config, ...(version === undefined ? {} : { version }) }, find);

describe("configure", () => {
  it("fills in defaults", () => {
    expect(configure({ by: "key" }, 3)).toMatchObject({ config: { step: 1, by: "key", rows: [] }, problems: [] });
  });

  it("migrates from each older version", () => {
    expect(configure({ key: "body.id", size: 4 })).toMatchObject({ config: { by: "body.id", step: 4 } });
    expect(configure({ by: "body.id", size: 4 }, 2)).toMatchObject({ config: { by: "body.id", step: 4 } });
    expect(configure({ by: "x" }, 4)).toMatchObject({ problems: [{ code: "node-version-newer", node: "c" }] });
  });

  it("names each field that does not fit, with its path and title", () => {
    const { problems } = configure({ step: 0, by: "", rows: [{ port: 1, text: "x" }], colour: "red" }, 3);
    expect(problems).toEqual([
      expect.objectContaining({ code: "config-field-invalid", field: "step", message: "Step must be at least 1." }),
      expect.objectContaining({ code: "config-field-missing", field: "by", message: "Count by is empty." }),
      expect.objectContaining({ code: "config-field-invalid", field: "rows.0.port", message: "port must be text." }),
      expect.objectContaining({ code: "config-field-unknown", field: "colour" }),
    ]);
    expect(problems[3]?.message).toMatch(/`colour` is not a field of Counter.*`step`, `by`, `rows` and `set`/);
    expect(configure({}, 3).problems).toMatchObject([{ code: "config-field-missing", field: "by" }]);
    expect(configureNode({ id: "x", kind: "nope", config: {} }, find).problems).toMatchObject([
      { code: "node-kind-unknown", node: "x" },
    ]);
  });
});

describe("ports", () => {
  const ports = (config: Record<string, unknown>) => portsOf({ id: "c", kind: "counter", version: 3, config }, find);

  it("end with error, also while the config is not whole", () => {
    expect(ports({ by: "key", rows: [{ port: "a", text: "" }] })).toEqual({ in: ["in"], out: ["out", "a", "error"] });
    expect(ports({ rows: [{ port: "a" }] })).toEqual({ in: ["in"], out: ["out", "a", "error"] });
    expect(ports({ rows: "oops" })).toEqual({ in: ["in"], out: ["out", "error"] });
    expect(portsOf({ id: "x", kind: "nope", config: {} }, find)).toEqual({ in: [], out: [] });
    expect(portsOf({ id: "s", kind: "generate-source", config: {} })).toEqual({ in: [], out: ["out"] });
    expect(portsOf({ id: "s", kind: "kafka-sink", config: {} })).toEqual({ in: ["in"], out: ["error"] });
  });
});

describe("fields", () => {
  it("are found with their paths, in lists and maps too", () => {
    const config = { step: 2, by: "key", rows: [{ port: "a", text: "t" }], set: { total: "1", empty: undefined } };
    expect(listFields(counter.config, config).map(({ path, value, meta }) => [path, value, meta.widget])).toEqual([
      ["step", 2, "number"],
      ["by", "key", "expression"],
      ["rows.0.text", "t", "template"],
      ["set.total", "1", "expression"],
    ]);
  });

  it("are found through what wraps them and in unions", () => {
    const field = expression({ title: "E" });
    const schema = z.object({
      a: field.optional(),
      b: field.nullable().default("x").meta({ title: "Outer", expects: "bool" }),
      c: z.union([z.number(), z.object({ d: field })]),
      e: field.transform((text) => text.length),
    });
    expect(
      listFields(schema, { a: "1", b: "2", c: { d: "3" }, e: "4" }).map(({ path, meta }) => [path, meta.title]),
    ).toEqual([
      ["a", "E"],
      ["b", "Outer"],
      ["c.d", "E"],
      ["e", "E"],
    ]);
    expect(listFields(schema, { c: 5, a: null, rows: 3 })).toEqual([]);
  });

  it("count only where the form shows them", () => {
    const call = z
      .strictObject({
        by: z.enum(["a", "b"]).default("a"),
        one: z
          .string()
          .optional()
          .meta({ title: "One", widget: "text", when: { field: "by", is: ["a"] } }),
        other: z
          .string()
          .optional()
          .meta({ title: "Other", widget: "text", when: { field: "by", is: ["b"] } }),
      })
      .transform((value) => value);
    const schema = z.strictObject({ do: call.prefault({}).meta({ title: "Do" }), undo: call.optional() });
    const paths = (value: unknown) => listFields(schema, value).map(({ path }) => path);
    expect(paths({ do: { one: "1", other: "2" } })).toEqual(["do.one"]);
    expect(paths({ do: {}, undo: { by: "b", one: "1", other: "2" } })).toEqual(["undo.other"]);
    expect(titleOf(schema, ["undo", "other"])).toBe("Other");
    expect(titleOf(schema, ["do"])).toBe("Do");
  });
});

it("names a field that objects have by nature like any other unknown one", () => {
  const { problems } = configureNode({ id: "n", kind: "kafka-source", config: { toString: 1 } });
  expect(problems.map(({ code }) => code)).toContain("config-field-unknown");
});
