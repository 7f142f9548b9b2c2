import { findKind } from "./catalog";
import { checkDeadLetters } from "./check-dead-letters";
import { checkDisabled } from "./check-disabled";
import { checkGroups } from "./check-groups";
import { checkHolding } from "./check-holding";
import { checkPlace, type KnownPlaces } from "./check-places";
import { checkRecording } from "./check-recording";
import { checkResponding } from "./check-responding";
import { checkSagas } from "./check-sagas";
import { checkTests } from "./check-tests";
import { type ConfigField, listFields } from "./config-fields";
import { configureNode, type FindKind, migrateConfig, portsOf } from "./configure";
import { withoutDisabled } from "./disabled";
import { type FlowDocument, type FlowNode, retrySchema } from "./document";
import { checkExactlyOnce } from "./exactly-once";
import { checkExpression } from "./expression";
import { connectionKindOf, placesOf } from "./flow-places";
import {
  buildGraph,
  type Endpoint,
  findCycles,
  findReachable,
  formatEndpoint,
  type Graph,
  nameEdge,
  readWire,
} from "./graph";
import { joinWords, readIssues } from "./issues";
import type { Kind } from "./kind";
import { findNearest } from "./nearest";
import { findDuplicateIds } from "./parse";
import type { Fix, Problem } from "./problems";
import { findRegions } from "./saga/region";
import { checkBodyFields } from "./shape/check-fields";
import { checkTemplate } from "./template";

export interface CheckOptions {
  /** The connections that exist. Left out: names are not checked. */
  readonly connections?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly missing: readonly string[];
  }[];
  /** By connection. One that is left out is not checked. */
  readonly places?: Readonly<Record<string, KnownPlaces>>;
  readonly find?: FindKind;
}

/**
 * Everything that is wrong with a drawing, in the order of the file. Without errors the flow can be planned and deployed;
 * warnings do not keep it from that.
 */
export function checkFlow(flow: FlowDocument, options: CheckOptions = {}): Problem[] {
  const find = options.find ?? findKind;
  if (flow.nodes.length === 0) {
    return [{ code: "flow-empty", severity: "error", message: "The flow is empty. Drag a source onto the canvas." }];
  }
  const graph = buildGraph(flow);
  // What is said of messages on their way is said of the drawing as they go.
  const enabled = withoutDisabled(flow, find);
  const going = enabled === flow ? graph : buildGraph(enabled);
  return [
    ...findDuplicateIds(flow),
    ...flow.nodes.flatMap((node) => checkNode(node, options, find)),
    ...checkWires(flow, graph, find),
    ...checkDisabled(flow, graph, find),
    ...checkGroups(flow),
    ...checkReach({ flow, graph, enabled, going }, find),
    ...checkSagas(flow, graph, find),
    ...checkWebhookPaths(enabled, find),
    ...checkResponding(enabled, going, find),
    ...(flow.settings?.delivery === "exactly-once" ? checkExactlyOnce(enabled, find) : []),
    ...checkDeadLetters(flow, options, find),
    ...checkHolding(flow, options),
    ...checkRecording(flow),
    ...checkTests(flow, find),
    ...checkBodyFields(enabled, find),
  ];
}

/** Is there anything that keeps the flow from being deployed? */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === "error");
}

function checkNode(node: FlowNode, options: CheckOptions, find: FindKind): Problem[] {
  const problems = checkSettings(node, options, find);
  const kind = find(node.kind);
  // What does no work need not hold yet; but a saga's start is part of what is in flight, and an unknown kind has no ports.
  if (!node.disabled || !kind || kind.holds === "saga" || (node.version ?? 1) > kind.version) return problems;
  return problems.map((problem) => ({ ...problem, severity: "warning" }));
}

function checkSettings(node: FlowNode, options: CheckOptions, find: FindKind): Problem[] {
  const { kind, config, problems } = configureNode(node, find);
  const retry = checkRetry(node);
  if (!kind) return [...problems, ...retry];
  // The fields of a config that is not whole yet are checked too: a person wants to see every mistake at once.
  const fields = listFields(kind.config, problems.length === 0 ? config : node.config);
  const reported = new Set(problems.map((problem) => problem.field));
  const inFields = fields
    .filter((field) => typeof field.value === "string" && field.value !== "" && !reported.has(field.path))
    .flatMap((field) => checkField(field, field.value as string, { node, fields, options }));
  const drafts = problems.length === 0 ? (kind.check?.(config) ?? []) : [];
  const own = drafts
    .filter((draft) => !inFields.some((problem) => problem.field === draft.field && problem.code === draft.code))
    .map((draft): Problem => ({ severity: "error", ...draft, node: node.id }));
  return [
    ...problems,
    ...checkVersion(node, kind, problems.length === 0 ? config : undefined),
    ...inFields,
    ...own,
    ...checkPlaces(fields, node, options),
    ...retry,
  ];
}

/** An older node runs as it is, its settings translated each time; updated, they are written as its kind has them now. */
function checkVersion(node: FlowNode, kind: Kind, config: unknown): Problem[] {
  const version = node.version ?? 1;
  if (version >= kind.version || config === undefined) return [];
  const message = `\`${node.id}\` was made for version ${version} of ${kind.label}, which is at ${kind.version} now. It runs as it is.`;
  const settings = migrateConfig(kind, version, node.config);
  const fix = { do: "update-kind", version: kind.version, config: settings, label: "Update" } as const;
  return [{ code: "node-version-older", severity: "warning", message, node: node.id, fix }];
}

interface FieldPlace {
  readonly node: FlowNode;
  readonly fields: readonly ConfigField[];
  readonly options: CheckOptions;
}

function checkField(field: ConfigField, source: string, at: FieldPlace): Problem[] {
  const { node } = at;
  const { widget, variables, expects } = field.meta;
  const place = { severity: "error", node: node.id, field: field.path } as const;
  const scope = variables === undefined ? {} : { variables };
  if (widget === "expression") {
    const found = checkExpression(source, expects === undefined ? scope : { ...scope, expects });
    return found.map((problem) => ({ ...problem, ...place, ...correctName(source, problem, variables, field.path) }));
  }
  if (widget === "template" || field.meta.holes) {
    return checkTemplate(source, scope).map((problem) => ({ ...problem, ...place }));
  }
  if (widget === "connection") return checkConnection(source, field, at);
  return [];
}

/** Another name in place of one that does not exist, where one is nearly written so. */
function correctName(
  source: string,
  { code, range }: Pick<Problem, "code" | "range">,
  variables: readonly string[] | undefined,
  field: string,
): { fix?: Fix } {
  if (code !== "expression-unknown-name" || !range) return {};
  const [name] = /^[A-Za-z_]\w*/.exec(source.slice(range.from, range.to)) ?? [];
  const meant = name && findNearest(name, variables ?? ["body", "key", "headers", "meta"]);
  if (!name || !meant) return {};
  const value = source.slice(0, range.from) + meant + source.slice(range.from + name.length);
  return { fix: { do: "set-field", field, value, label: `Use “${meant}”` } };
}

function checkConnection(name: string, field: ConfigField, { node, fields, options }: FieldPlace): Problem[] {
  const kind = connectionKindOf(field, fields);
  if (!options.connections) return [];
  const place = { node: node.id, field: field.path, fix: { do: "open-connections", connection: name } } as const;
  const connection = options.connections.find((each) => each.name === name);
  if (!connection) {
    const others = options.connections.filter((each) => each.kind === kind);
    const hint =
      others.length > 0 ? ` Choose ${joinWords(others.map((each) => `\`${each.name}\``))}, or add it` : " Add it";
    const message = `There is no connection \`${name}\`.${hint} on the Connections page.`;
    // With one that fits there is nothing to choose.
    const [only, ...more] = others;
    const use =
      only && more.length === 0
        ? ({ do: "set-field", field: field.path, value: only.name, label: `Use “${only.name}”` } as const)
        : place.fix;
    return [{ code: "connection-missing", severity: "error", message, ...place, fix: use }];
  }
  if (kind && connection.kind !== kind) {
    const message = `The connection \`${name}\` is of the kind \`${connection.kind}\`; this node needs \`${kind}\`.`;
    return [{ code: "connection-wrong-kind", severity: "error", message, ...place }];
  }
  return connection.missing.map((missing) => ({
    code: "connection-incomplete",
    severity: "error",
    message: `The connection \`${name}\` is not whole: ${missing}`,
    ...place,
  }));
}

function checkPlaces(fields: readonly ConfigField[], node: FlowNode, options: CheckOptions): Problem[] {
  const meanwhile = "The flow can be deployed: it starts when the broker is there.";
  return placesOf(fields, node).flatMap((place) =>
    checkPlace(place, options.places?.[place.connection], { meanwhile }).map((problem) => ({
      ...problem,
      node: node.id,
      field: place.field,
    })),
  );
}

function checkRetry(node: FlowNode): Problem[] {
  if (!node.retry) return [];
  const place = { code: "retry-invalid", severity: "error", node: node.id } as const;
  const result = retrySchema.safeParse(node.retry);
  if (!result.success) {
    return readIssues(result.error, node.retry).map((issue) => ({
      ...place,
      message: `Retry: \`${issue.path.join(".")}\` ${issue.words}.`,
      field: `retry.${issue.path.join(".")}`,
    }));
  }
  if (result.data.maxDelayMs >= result.data.delayMs) return [];
  const message = `Retry: the longest wait (${result.data.maxDelayMs} ms) is shorter than the first (${result.data.delayMs} ms).`;
  const fix = {
    do: "set-field",
    field: "retry.maxDelayMs",
    value: result.data.delayMs,
    label: "Wait as long",
  } as const;
  return [{ ...place, message, field: "retry.maxDelayMs", fix }];
}

function checkWires(flow: FlowDocument, graph: Graph, find: FindKind): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const ports = new Map(flow.nodes.map((node) => [node.id, portsOf(node, find)]));
  const isKnown = (id: string) => find(graph.nodes.get(id)!.kind) !== undefined;
  for (const edge of flow.edges) {
    const { from, to } = readWire(edge);
    const remove: Fix = { do: "remove-wire", label: "Remove the wire" };
    const add = (code: Problem["code"], message: string, node?: string, fix: Fix = remove) =>
      problems.push({
        code,
        severity: "error",
        message,
        edge: nameEdge(edge),
        ...(node === undefined ? {} : { node }),
        fix,
      });
    /** To the port that was probably meant, where there is one. */
    const mend = (port: string | undefined, end: { from?: Endpoint; to?: Endpoint }): Fix =>
      port === undefined
        ? remove
        : {
            do: "set-wire",
            from: formatEndpoint(end.from ?? from, "out"),
            to: formatEndpoint(end.to ?? to, "in"),
            label: `Use “${port}”`,
          };
    for (const end of new Set([from.node, to.node])) {
      if (!graph.nodes.has(end))
        add("edge-node-unknown", `The wire ${edge.from} → ${edge.to} names \`${end}\`, which is not there.`);
    }
    const key = `${from.node}.${from.port}>${to.node}.${to.port}`;
    if (seen.has(key)) add("edge-duplicate", `The wire ${edge.from} → ${edge.to} is there twice.`);
    seen.add(key);
    const out = ports.get(from.node)?.out ?? [];
    if (graph.nodes.has(from.node) && isKnown(from.node) && !out.includes(from.port)) {
      const meant = findMeant(from.port, out);
      const fix = mend(meant, { from: { node: from.node, port: meant ?? from.port } });
      add("edge-port-unknown", `\`${from.node}\` has no output \`${from.port}\`.${namePorts(out)}`, from.node, fix);
    }
    const into = ports.get(to.node)?.in ?? [];
    if (graph.nodes.has(to.node) && isKnown(to.node) && !into.includes(to.port)) {
      const why = into.length === 0 ? "is a source and takes no input" : `has no input \`${to.port}\``;
      const meant = findMeant(to.port, into);
      const fix = mend(meant, { to: { node: to.node, port: meant ?? to.port } });
      add("edge-port-unknown", `\`${to.node}\` ${why}.${namePorts(into)}`, to.node, fix);
    }
  }
  for (const cycle of findCycles(graph)) {
    const last = cycle.at(-1)!;
    const way = [...cycle.map((wire) => wire.from.node), last.to.node].join(" → ");
    const message = `The wires form a circle: ${way}. Remove one of them.`;
    problems.push({
      code: "edge-cycle",
      severity: "error",
      message,
      node: last.from.node,
      edge: nameEdge(last.edge),
      fix: { do: "remove-wire", label: "Remove the last wire" },
    });
  }
  return problems;
}

/** The port that was probably meant: the only one beside `error`, else one that is nearly named so. */
function findMeant(port: string, ports: readonly string[]): string | undefined {
  const usual = ports.filter((each) => each !== "error");
  return usual.length === 1 ? usual[0] : findNearest(port, ports);
}

function namePorts(ports: readonly string[]): string {
  return ports.length === 0
    ? ""
    : ` It has ${joinWords(
        ports.map((port) => `\`${port}\``),
        "and",
      )}.`;
}

/** The drawing, and the same without what is disabled. */
interface Reach {
  readonly flow: FlowDocument;
  readonly graph: Graph;
  readonly enabled: FlowDocument;
  readonly going: Graph;
}

/** Nodes without input, nodes that no source leads to, and results that go nowhere. */
function checkReach({ flow, graph, enabled, going }: Reach, find: FindKind): Problem[] {
  const kinds = new Map(flow.nodes.map((node) => [node.id, find(node.kind)]));
  const drawn = flow.nodes.filter((node) => kinds.get(node.id)?.role === "source");
  const sources = drawn.filter((node) => !node.disabled).map((node) => node.id);
  const problems: Problem[] = [];
  // An unknown kind may be a source: then nothing is said about what it leads to.
  const starts = flow.nodes.filter((node) => !kinds.get(node.id)).map((node) => node.id);
  if (sources.length + starts.length === 0) {
    problems.push({
      code: "source-missing",
      severity: "error",
      message:
        drawn.length === 0
          ? "The flow has no source. Add one: it is where messages come from."
          : "Every source of the flow is disabled: enable one, or stop the flow.",
    });
  }
  // What comes in by an entrance ends there: it leads to nothing behind.
  const reachable = findReachable(buildGraph({ nodes: enabled.nodes, edges: ordinaryEdges(going) }), [
    ...sources,
    ...starts,
  ]);
  const inside = new Set(findRegions(graph, find).flatMap(({ nodes }) => nodes));
  for (const node of flow.nodes) {
    const kind = kinds.get(node.id);
    if (!kind || node.disabled) continue;
    if (kind.role !== "source" && !graph.entering.get(node.id)!.some(({ to }) => to.port === "in")) {
      const place = kind.entrances ? `the input of \`${node.id}\`` : `\`${node.id}\``;
      const message = `Nothing is wired to ${place}. Wire it, or remove it.`;
      const fix = { do: "remove-node", label: "Remove the node" } as const;
      problems.push({ code: "node-input-missing", severity: "error", message, node: node.id, fix });
    } else if (!reachable.has(node.id)) {
      const message = `No source leads to \`${node.id}\`: it never gets a message.`;
      problems.push({ code: "node-unreachable", severity: "warning", message, node: node.id });
    }
    // Inside of a saga every way has rules of its own.
    if (!inside.has(node.id)) problems.push(...checkOutputs(node, kind, graph, find));
  }
  return problems;
}

function ordinaryEdges(graph: Graph): FlowDocument["edges"] {
  return graph.wires.filter(({ to }) => to.port === "in").map(({ edge }) => edge);
}

function checkOutputs(node: FlowNode, kind: Kind, graph: Graph, find: FindKind): Problem[] {
  const out = portsOf(node, find).out.filter((port) => port !== "error");
  const wired = new Set(graph.leaving.get(node.id)!.map((wire) => wire.from.port));
  const warn = (message: string, port = out[0]!): Problem[] => [
    {
      code: "port-unwired",
      severity: "warning",
      message,
      node: node.id,
      fix: { do: "wire-port", port, label: `Wire ${port === "out" ? "it on" : `“${port}”`}` },
    },
  ];
  if (out.length === 0 || kind.role === "sink") return [];
  if (!out.some((port) => wired.has(port))) {
    if (kind.role === "source") return warn(`\`${node.id}\` leads nowhere: its messages are taken and dropped.`);
    if (kind.category === "Route" || kind.category === "Transform") {
      return warn(`\`${node.id}\` leads nowhere: what comes out of it is dropped.`);
    }
    if (kind.holds === "message") return warn(`\`${node.id}\` leads nowhere: what it holds is dropped at last.`);
    return [];
  }
  if (kind.holds === "message" && out.includes("timeout") && !wired.has("timeout")) {
    return warn(
      `Messages whose event does not come in time are dropped: \`timeout\` of \`${node.id}\` is not wired.`,
      "timeout",
    );
  }
  if (out.includes("otherwise") && !wired.has("otherwise")) {
    return warn(`Messages that fit no case of \`${node.id}\` are dropped: \`otherwise\` is not wired.`, "otherwise");
  }
  return [];
}

function checkWebhookPaths(flow: FlowDocument, find: FindKind): Problem[] {
  const seen = new Map<string, string>();
  return flow.nodes.flatMap((node): Problem[] => {
    if (node.kind !== "webhook-source") return [];
    const { config } = configureNode(node, find);
    const { path, method } = (config ?? {}) as { path?: string; method?: string };
    if (path === undefined) return [];
    const place = `${method} /in/${path}`;
    const other = seen.get(place);
    seen.set(place, other ?? node.id);
    if (other === undefined) return [];
    const message = `\`${other}\` serves ${place} already. Give one of them another path or method.`;
    return [{ code: "path-duplicate", severity: "error", message, node: node.id, field: "path" }];
  });
}
