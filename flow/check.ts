import { findKind } from "./catalog";
import { checkDeadLetters } from "./check-dead-letters";
import { checkHolding } from "./check-holding";
import { checkPlace, type KnownPlaces } from "./check-places";
import { checkResponding } from "./check-responding";
import { checkSagas } from "./check-sagas";
import { checkTests } from "./check-tests";
import { type ConfigField, listFields } from "./config-fields";
import { configureNode, type FindKind, portsOf } from "./configure";
import { type FlowDocument, type FlowNode, retrySchema } from "./document";
import { checkExactlyOnce } from "./exactly-once";
import { checkExpression } from "./expression";
import { connectionKindOf, placesOf } from "./flow-places";
import { buildGraph, findCycles, findReachable, type Graph, nameEdge, readWire } from "./graph";
import { joinWords, readIssues } from "./issues";
import type { Kind } from "./kind";
import { findDuplicateIds } from "./parse";
import type { Problem } from "./problems";
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
  return [
    ...findDuplicateIds(flow),
    ...flow.nodes.flatMap((node) => checkNode(node, options, find)),
    ...checkWires(flow, graph, find),
    ...checkReach(flow, graph, find),
    ...checkSagas(flow, graph, find),
    ...checkWebhookPaths(flow, find),
    ...checkResponding(flow, graph, find),
    ...(flow.settings?.delivery === "exactly-once" ? checkExactlyOnce(flow, find) : []),
    ...checkDeadLetters(flow, options, find),
    ...checkHolding(flow, options),
    ...checkTests(flow, find),
    ...checkBodyFields(flow, find),
  ];
}

/** Is there anything that keeps the flow from being deployed? */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === "error");
}

function checkNode(node: FlowNode, options: CheckOptions, find: FindKind): Problem[] {
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
  return [...problems, ...inFields, ...own, ...checkPlaces(fields, node, options), ...retry];
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
    return found.map((problem) => ({ ...problem, ...place }));
  }
  if (widget === "template" || field.meta.holes) {
    return checkTemplate(source, scope).map((problem) => ({ ...problem, ...place }));
  }
  if (widget === "connection") return checkConnection(source, field, at);
  return [];
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
    return [{ code: "connection-missing", severity: "error", message, ...place }];
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
  return [{ ...place, message, field: "retry.maxDelayMs" }];
}

function checkWires(flow: FlowDocument, graph: Graph, find: FindKind): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const ports = new Map(flow.nodes.map((node) => [node.id, portsOf(node, find)]));
  const isKnown = (id: string) => find(graph.nodes.get(id)!.kind) !== undefined;
  for (const edge of flow.edges) {
    const { from, to } = readWire(edge);
    const add = (code: Problem["code"], message: string, node?: string) =>
      problems.push({
        code,
        severity: "error",
        message,
        edge: nameEdge(edge),
        ...(node === undefined ? {} : { node }),
      });
    for (const end of new Set([from.node, to.node])) {
      if (!graph.nodes.has(end))
        add("edge-node-unknown", `The wire ${edge.from} → ${edge.to} names \`${end}\`, which is not there.`);
    }
    const key = `${from.node}.${from.port}>${to.node}.${to.port}`;
    if (seen.has(key)) add("edge-duplicate", `The wire ${edge.from} → ${edge.to} is there twice.`);
    seen.add(key);
    const out = ports.get(from.node)?.out ?? [];
    if (graph.nodes.has(from.node) && isKnown(from.node) && !out.includes(from.port)) {
      add("edge-port-unknown", `\`${from.node}\` has no output \`${from.port}\`.${namePorts(out)}`, from.node);
    }
    const into = ports.get(to.node)?.in ?? [];
    if (graph.nodes.has(to.node) && isKnown(to.node) && !into.includes(to.port)) {
      const why = into.length === 0 ? "is a source and takes no input" : `has no input \`${to.port}\``;
      add("edge-port-unknown", `\`${to.node}\` ${why}.${namePorts(into)}`, to.node);
    }
  }
  for (const cycle of findCycles(graph)) {
    const last = cycle.at(-1)!;
    const way = [...cycle.map((wire) => wire.from.node), last.to.node].join(" → ");
    const message = `The wires form a circle: ${way}. Remove one of them.`;
    problems.push({ code: "edge-cycle", severity: "error", message, node: last.from.node, edge: nameEdge(last.edge) });
  }
  return problems;
}

function namePorts(ports: readonly string[]): string {
  return ports.length === 0
    ? ""
    : ` It has ${joinWords(
        ports.map((port) => `\`${port}\``),
        "and",
      )}.`;
}

/** Nodes without input, nodes that no source leads to, and results that go nowhere. */
function checkReach(flow: FlowDocument, graph: Graph, find: FindKind): Problem[] {
  const kinds = new Map(flow.nodes.map((node) => [node.id, find(node.kind)]));
  const sources = flow.nodes.filter((node) => kinds.get(node.id)?.role === "source").map((node) => node.id);
  const problems: Problem[] = [];
  // An unknown kind may be a source: then nothing is said about what it leads to.
  const starts = flow.nodes.filter((node) => !kinds.get(node.id)).map((node) => node.id);
  if (sources.length + starts.length === 0) {
    problems.push({
      code: "source-missing",
      severity: "error",
      message: "The flow has no source. Add one: it is where messages come from.",
    });
  }
  // What comes in by an entrance ends there: it leads to nothing behind.
  const reachable = findReachable(buildGraph({ nodes: flow.nodes, edges: ordinaryEdges(graph) }), [
    ...sources,
    ...starts,
  ]);
  const inside = new Set(findRegions(graph, find).flatMap(({ nodes }) => nodes));
  for (const node of flow.nodes) {
    const kind = kinds.get(node.id);
    if (!kind) continue;
    if (kind.role !== "source" && !graph.entering.get(node.id)!.some(({ to }) => to.port === "in")) {
      const place = kind.entrances ? `the input of \`${node.id}\`` : `\`${node.id}\``;
      const message = `Nothing is wired to ${place}. Wire it, or remove it.`;
      problems.push({ code: "node-input-missing", severity: "error", message, node: node.id });
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
  const warn = (message: string): Problem[] => [{ code: "port-unwired", severity: "warning", message, node: node.id }];
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
    return warn(`Messages whose event does not come in time are dropped: \`timeout\` of \`${node.id}\` is not wired.`);
  }
  if (out.includes("otherwise") && !wired.has("otherwise")) {
    return warn(`Messages that fit no case of \`${node.id}\` are dropped: \`otherwise\` is not wired.`);
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
