import { describe, expect, it } from "vitest";
import { z } from "zod";
import { kinds } from "@/flow/catalog";
import { type FieldModel, fieldsOf, isShown, startOfGroup } from "./model";

describe("fields of a schema", () => {
  const schema = z.strictObject({
    note: z.string().optional().meta({ title: "Note", advanced: true }),
    topic: z.string().min(1).meta({ title: "Topic", widget: "place", place: "topic", placeholder: "orders" }),
    start: z.enum(["earliest", "latest"]).default("earliest").meta({ title: "Begin at" }),
    wait: z
      .int()
      .min(0)
      .max(60_000)
      .default(200)
      .meta({ title: "Wait", unit: "ms", when: { field: "start", is: ["latest"] } }),
    on: z.boolean().default(false).meta({ title: "On" }),
    connection: z.string().meta({ title: "Connection", widget: "connection", connectionKind: "kafka" }),
    set: z
      .record(z.string(), z.string().meta({ title: "Value", widget: "expression" }))
      .meta({ title: "Set", widget: "assignments" }),
  });
  const fields = fieldsOf(schema);
  const field = (name: string) => fields.find((each) => each.name === name)!;

  it("puts the connection first, then what is required, then the rest", () =>
    expect(fields.map(({ name }) => name)).toEqual(["connection", "topic", "set", "note", "start", "wait", "on"]));
  it("follows the type where no widget is named", () => {
    expect(field("start").widget).toBe("select");
    expect(field("wait").widget).toBe("number");
    expect(field("on").widget).toBe("switch");
    expect(field("note").widget).toBe("text");
  });
  it("takes default, bounds and unit from the schema", () =>
    expect(field("wait")).toMatchObject({
      initial: 200,
      min: 0,
      max: 60_000,
      unit: "ms",
      whole: true,
      required: false,
    }));
  it("words the placeholder of a required field as an example", () =>
    expect(field("topic").placeholder).toBe("for example orders"));
  it("names options in words", () =>
    expect(field("start").options).toEqual([
      { value: "earliest", label: "The oldest message kept" },
      { value: "latest", label: "Messages from now on" },
    ]));
  it("reads the value of named values", () => expect(field("set").parts).toMatchObject([{ widget: "expression" }]));
  it("shows a field only when another has its value, its default counted", () => {
    expect(isShown(field("wait"), {}, fields)).toBe(false);
    expect(isShown(field("wait"), { start: "latest" }, fields)).toBe(true);
    expect(isShown(field("topic"), {}, fields)).toBe(true);
  });
});

describe("groups", () => {
  const call = z.strictObject({
    call: z.enum(["http", "topic"]).default("http").meta({ title: "By" }),
    url: z
      .string()
      .min(1)
      .meta({ title: "Address", widget: "template", when: { field: "call", is: ["http"] } }),
    connection: z.string().default("http").meta({ title: "Connection", widget: "connection", connectionKind: "http" }),
  });
  const schema = z.strictObject({
    pivot: z.boolean().default(false).meta({ title: "Pivot" }),
    undo: call.optional().meta({ title: "Compensation" }),
    action: call.meta({ title: "Action", help: "What it does." }),
  });
  const fields = fieldsOf(schema);
  const field = (name: string) => fields.find((each) => each.name === name)!;

  it("are objects with fields of their own, in the order of every form", () => {
    expect(fields.map(({ name }) => name)).toEqual(["action", "pivot", "undo"]);
    expect(field("action")).toMatchObject({ widget: "group", required: true, help: "What it does." });
    expect(field("action").parts?.map(({ name }) => name)).toEqual(["connection", "url", "call"]);
  });
  it("may be absent", () => {
    expect(field("undo")).toMatchObject({ widget: "group", required: false });
    expect(field("undo").initial).toBeUndefined();
    expect(field("undo").parts).toHaveLength(3);
  });
  it("show a field by what their own fields hold", () => {
    const parts = field("action").parts!;
    const url = parts.find(({ name }) => name === "url")!;
    expect(isShown(url, {}, parts)).toBe(true);
    expect(isShown(url, { call: "topic" }, parts)).toBe(false);
  });
  it("begin with their connection written out", () =>
    expect(startOfGroup(field("undo").parts!)).toEqual({ connection: "http" }));
});

/** Fields and the fields of groups in them. */
function flatten(fields: readonly FieldModel[]): FieldModel[] {
  return fields.flatMap((field) => (field.widget === "group" ? [field, ...flatten(field.parts ?? [])] : [field]));
}

describe("the forms of the catalog", () => {
  it.each(kinds.map((kind) => [kind.kind, kind] as const))(
    "%s: each field has a title and a control",
    (_name, kind) => {
      const fields = fieldsOf(kind.config);
      for (const field of flatten(fields)) {
        expect(field.title).not.toBe("");
        if (field.widget === "group") expect(field.parts?.length).toBeGreaterThan(0);
        if (field.widget === "select" || field.widget === "method") expect(field.options?.length).toBeGreaterThan(1);
        if (field.widget === "connection") expect(field.connectionKind ?? field.connectionByCall).toBeTruthy();
        if (field.widget === "cases") expect(field.parts?.map(({ name }) => name)).toEqual(["port", "when"]);
        if (field.widget === "assignments" || field.widget === "key-values") expect(field.parts).toHaveLength(1);
      }
      const unknown = Object.keys(kind.example.config as object).filter(
        (name) => !fields.some((field) => field.name === name),
      );
      expect(unknown).toEqual([]);
    },
  );
});
