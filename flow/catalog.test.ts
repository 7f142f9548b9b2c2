import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { iconNames } from "lucide-react/dynamic";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { OpenStep, StepBehaviour } from "./behaviour";
import { behaviourOf } from "./behaviours";
import { categories, findKind, kinds } from "./catalog";
import { checkFlow, hasErrors } from "./check";
import { listFields } from "./config-fields";
import { configureNode } from "./configure";
import { connectionKinds, findConnectionKind } from "./connection-catalog";
import type { FlowDocument } from "./document";
import { type Kind, workedAs, worksMessages } from "./kind";
import { connectionKindsByCall } from "./saga/call-config";
import { drawFlow } from "./testing/drawing";
import { makeContext, makeMessage } from "./testing/node-context";
import { emissionsOf } from "./verdict";

interface FormSchema {
  title?: string;
  properties?: Record<string, FormSchema>;
  items?: FormSchema;
  additionalProperties?: FormSchema | boolean;
}

/** Paths of form fields without a title. */
function findUntitled(schema: FormSchema, path: string): string[] {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(field.title ? [] : [`${path}.${name}`]),
    ...findUntitled(field, `${path}.${name}`),
  ]);
  const items = schema.items ? findUntitled(schema.items, `${path}[]`) : [];
  const values = schema.additionalProperties;
  if (typeof values !== "object") return [...properties, ...items];
  return [...properties, ...items, ...(values.title ? [] : [`${path}.*`]), ...findUntitled(values, `${path}.*`)];
}

/** The smallest flow around one node: something before it, something behind each of its ports. */
function flowAround(kind: Kind): FlowDocument {
  const config = kind.example.config as Record<string, unknown>;
  const { in: into, out } = kind.ports(config);
  const nodes = [
    ["source", "webhook-source", { path: "given" }],
    ["node", kind.kind, config],
    ["sink", "kafka-sink", { topic: "out" }],
  ] as const;
  if (kind.inSaga === "only") return sagaAround(kind, config);
  if (kind.holds === "saga") {
    return drawFlow([...nodes, ["end", "saga-end"]], "source>node", "node>end", "end>sink", "node.compensated>sink");
  }
  return drawFlow(
    nodes.filter(([id]) => !(id === "source" && kind.role === "source") && !(id === "sink" && kind.role === "sink")),
    ...into.map((port) => `source>node.${port}`),
    ...out.map((port) => `node.${port}>sink`),
  );
}

/** A saga of one node: forked before a join, joined behind a fork. */
function sagaAround(kind: Kind, config: Record<string, unknown>): FlowDocument {
  const { in: into, out } = kind.ports(config);
  const forks = kind.kind === "saga-fork";
  const joins = kind.kind === "saga-join";
  const ends = kind.kind === "saga-end";
  return drawFlow(
    [
      ["source", "webhook-source", { path: "given" }],
      ["start", "saga-start", { key: "body.id" }],
      ...(joins ? [["fork", "saga-fork", { branches: ["a", "b"] }] as const] : []),
      ["node", kind.kind, config],
      ...(forks ? [["join", "saga-join"] as const] : []),
      ...(ends ? [["sink", "kafka-sink", { topic: "out" }] as const] : [["end", "saga-end"] as const]),
    ],
    "source>start",
    ...(joins ? ["start>fork", "fork.a>node", "fork.b>node"] : ["start>node"]),
    ...into.filter((port) => port !== "in").map((port) => `source>node.${port}`),
    ...out.map((port) => `node.${port}>${forks ? "join" : ends ? "sink" : "end"}`),
    ...(forks ? ["join>end"] : []),
  );
}

describe.each(kinds.map((kind) => [kind.kind, kind] as const))("%s", (name, kind) => {
  it("says what it is", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(kind.label).toMatch(/^[A-Z]/);
    expect(kind.summary.length).toBeGreaterThan(3);
    // The palette has room for one line.
    expect(kind.summary.length).toBeLessThan(32);
    expect(kind.help).toContain("**Delivery**");
    expect(kind.help).toContain("**Sharp edge**");
    expect(categories).toContain(kind.category);
    expect(iconNames).toContain(kind.icon);
    expect(findKind(name)).toBe(kind);
  });

  it("has an example that is a whole config, and a flow around it that can be deployed", () => {
    expect(kind.config.parse(kind.example.config)).toEqual(kind.example.config);
    const flow = flowAround(kind);
    expect(checkFlow(flow)).toEqual([]);
    expect(hasErrors(checkFlow(flow))).toBe(false);
  });

  it("has a form whose fields have titles", () => {
    const schema = z.toJSONSchema(kind.config, { io: "input" }) as FormSchema;
    // What is only interpreted may have nothing to set.
    if (worksMessages(kind)) expect(Object.keys(schema.properties ?? {}).length).toBeGreaterThan(0);
    expect(findUntitled(schema, name)).toEqual([]);
  });

  it("refuses an unknown field by its name", () => {
    const config = { ...(kind.example.config as Record<string, unknown>), surplus: 1 };
    const { problems } = configureNode({ id: "node", kind: name, config });
    expect(problems).toMatchObject([{ code: "config-field-unknown", node: "node", field: "surplus" }]);
    expect(problems[0]?.message).toContain("`surplus`");
  });

  it("draws a node whose config is not filled in", () => {
    const ports = kind.ports({});
    expect(ports.in.filter((port) => !kind.entrances?.includes(port))).toEqual(kind.role === "source" ? [] : ["in"]);
    // What makes a port of each entry has none yet.
    expect(ports.out.length > 0 || kind.kind === "saga-fork").toBe(kind.role !== "sink");
    expect(kind.subtitle({})).not.toContain("undefined");
    expect(kind.subtitle(kind.example.config)).not.toBe("");
  });

  it("has the entrances that it says it may have", () => {
    expect(kind.role === "source" ? kind.entrances : undefined).toBeUndefined();
    const shown = kind.ports(kind.example.config).in.filter((port) => port !== "in");
    for (const port of shown) expect(kind.entrances).toContain(port);
  });

  it("has a behaviour of its role, where it works messages", () => {
    expect(behaviourOf(name)?.role).toBe(worksMessages(kind) ? workedAs(kind) : undefined);
  });

  it("migrates from each older version", () => {
    const from = Object.keys(kind.migrations ?? {}).map(Number);
    expect(from).toEqual(Array.from({ length: kind.version - 1 }, (_, index) => index + 1));
  });

  it("says what it keeps", () => {
    const semantics = kind.semantics(kind.example.config);
    if (kind.role === "source") expect(semantics.source?.durability).toMatch(/\.$/);
    else expect(semantics.order).toBeDefined();
    // A sink that said nothing about a second delivery would count as harmless.
    if (kind.role === "sink") expect(semantics.repeat).toBeDefined();
  });
});

describe("the examples of pure steps", () => {
  const pure = kinds.filter((kind) => kind.example.output !== undefined);

  it("cover every synchronous step", () => {
    const steps = kinds.filter((kind) => {
      const behaviour = behaviourOf(kind.kind);
      return behaviour?.role === "step" && behaviour.mode === "sync";
    });
    expect(pure.map((kind) => kind.kind)).toEqual(steps.map((kind) => kind.kind));
  });

  it.each(pure.map((kind) => [kind.kind, kind] as const))("%s gives what it states", async (name, kind) => {
    const step = (behaviourOf(name) as StepBehaviour<unknown>).open(kind.example.config, makeContext()) as OpenStep;
    const { body, ...more } = kind.example.input!;
    const given = makeMessage(body, more);
    const [result] = await step.process([given], { signal: new AbortController().signal, attempt: 1 });
    expect(emissionsOf(result!, given)?.map(({ port, message }) => ({ port, body: message.body }))).toEqual(
      kind.example.output,
    );
  });
});

describe("connection kinds", () => {
  it.each(connectionKinds.map((kind) => [kind.kind, kind] as const))(
    "%s has a form and needs nothing typed",
    (name, kind) => {
      const config = kind.config.parse({});
      expect(kind.missing(config, [])).toEqual([]);
      expect(findUntitled(z.toJSONSchema(kind.config, { io: "input" }) as FormSchema, name)).toEqual([]);
      expect(kind.secrets.every((secret) => secret.title !== "")).toBe(true);
      expect(iconNames).toContain(kind.icon);
      expect(findConnectionKind(name)).toBe(kind);
      expect(() => kind.config.parse({ surplus: 1 })).toThrow("surplus");
    },
  );

  it("are there for every node that asks for one", () => {
    const asked = kinds.flatMap((kind) =>
      listFields(kind.config, kind.example.config).flatMap(({ meta }) => meta.connectionKind ?? []),
    );
    const byCall = Object.values(connectionKindsByCall);
    for (const kind of byCall) expect(connectionKinds.map((each) => each.kind)).toContain(kind);
    expect(new Set(asked)).toEqual(new Set(connectionKinds.map((kind) => kind.kind)));
  });

  it("say what is missing", () => {
    const kafka = findConnectionKind("kafka")!;
    const signedIn = kafka.config.parse({ mechanism: "plain", username: "me" });
    expect(kafka.missing(signedIn, [])).toEqual(["Sign-in by plain needs a password."]);
    expect(kafka.missing(signedIn, ["password"])).toEqual([]);
    const http = findConnectionKind("http")!;
    expect(http.missing(http.config.parse({ auth: "bearer" }), ["token"])).toEqual([
      "Sign-in needs a base address: credentials are sent nowhere else.",
    ]);
    expect(http.missing(http.config.parse({ auth: "bearer", baseUrl: "https://a.example" }), [])).toEqual([
      "Sign-in by bearer token needs a token.",
    ]);
    expect(http.missing(http.config.parse({ auth: "basic", baseUrl: "https://a.example" }), ["password"])).toEqual([
      "Basic sign-in needs a user name.",
    ]);
  });

  it("keep secrets out of addresses, and refuse what is no address", () => {
    const refusals: [string, object][] = [
      ["queue", { url: "redis://:secret@localhost:6379" }],
      ["queue", { url: "redis://me:secret@localhost:6379/1" }],
      ["queue", { url: "localhost:6379" }],
      ["queue", { prefix: "a:b" }],
      ["http", { baseUrl: "https://me:secret@example.com" }],
      ["http", { baseUrl: "example.com" }],
      ["kafka", { brokers: "kafka" }],
      ["kafka", { brokers: "kafka:9092;other:9092" }],
    ];
    for (const [name, config] of refusals)
      expect(findConnectionKind(name)!.config.safeParse(config).success).toBe(false);
    expect(findConnectionKind("queue")!.config.safeParse({ url: "rediss://me@redis.example.com:6380/2" }).success).toBe(
      true,
    );
    expect(findConnectionKind("kafka")!.config.safeParse({ brokers: "a:9092, b:9093" }).success).toBe(true);
  });
});

describe("what the canvas loads", () => {
  it("reaches no behaviour, no broker client and nothing of Node, and stays small", async () => {
    const { metafile, outputFiles } = await build({
      entryPoints: [new URL("catalog.ts", import.meta.url).pathname],
      bundle: true,
      format: "esm",
      platform: "browser",
      minify: true,
      metafile: true,
      write: false,
    });
    const inputs = Object.keys(metafile.inputs);
    const packages = inputs.flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
    expect(new Set(packages)).toEqual(new Set(["zod"]));
    expect(inputs.filter((path) => path.includes(".behaviour.") || path.endsWith("behaviours.ts"))).toEqual([]);
    const ownBytes = Object.entries(Object.values(metafile.outputs)[0]!.inputs)
      .filter(([path]) => !path.includes("node_modules"))
      .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    // Before compression, which takes two thirds of it: fifty kinds like these come to 35 kB.
    expect(ownBytes / kinds.length).toBeLessThan(3_200);
    // `import { z }` instead of `import * as z` drags all of zod in, with every language of its messages: 102 kB.
    expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(60_000);
  });
});
