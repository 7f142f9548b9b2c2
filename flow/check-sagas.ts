import { checkUndoing } from "./check-undoing";
import { configureNode, type FindKind, portsOf } from "./configure";
import type { FlowDocument, FlowNode } from "./document";
import { formatEndpoint, type Graph, nameEdge, type Wire } from "./graph";
import { joinWords } from "./issues";
import type { Kind } from "./kind";
import type { SagaStepConfig } from "./nodes/saga-step";
import type { SubSagaConfig } from "./nodes/sub-saga";
import type { Problem, ProblemCode } from "./problems";
import { type Flaw, pairBranches } from "./saga/branches";
import { endsSaga, findRegions, type Region } from "./saga/region";

/** What is wrong with the sagas of a drawing, and with the inputs that answers and events come in by. */
export function checkSagas(flow: FlowDocument, graph: Graph, find: FindKind): Problem[] {
  const regions = findRegions(graph, find);
  const drawing: Drawing = { flow, graph, find, regions, inside: new Set(regions.flatMap(({ nodes }) => nodes)) };
  return [
    ...regions.flatMap((region) => checkRegion(drawing, region)),
    ...checkBorders(drawing),
    ...flow.nodes.flatMap((node) => checkNode(drawing, node)),
  ];
}

interface Drawing {
  readonly flow: FlowDocument;
  readonly graph: Graph;
  readonly find: FindKind;
  readonly regions: readonly Region[];
  readonly inside: ReadonlySet<string>;
}

interface Place {
  readonly node?: string;
  readonly wire?: Wire;
  readonly field?: string;
}

function refuse(code: ProblemCode, message: string, { node, wire, field }: Place): Problem {
  return {
    code,
    severity: "error",
    message,
    ...(node === undefined ? {} : { node }),
    ...(wire === undefined ? {} : { edge: nameEdge(wire.edge) }),
    ...(field === undefined ? {} : { field }),
  };
}

function nameWire({ from, to }: Wire): string {
  return `${formatEndpoint(from, "out")} → ${formatEndpoint(to, "in")}`;
}

function checkRegion(drawing: Drawing, region: Region): Problem[] {
  const { graph, find } = drawing;
  const { start } = region;
  const branches = pairBranches(graph, region, find);
  const begins = graph.leaving.get(start)!.some(({ from }) => from.port === "out");
  const empty = `Nothing is wired to \`out\` of \`${start}\`: its saga has no step and no end. Wire the first step to it.`;
  return [
    ...(begins ? [] : [refuse("saga-end-missing", empty, { node: start })]),
    ...checkStrays(drawing, region),
    ...checkPorts(region),
    ...branches.flaws.map(wordFlaw),
    ...checkUndoing(graph, region, branches, find),
    ...checkKey(drawing, region),
  ];
}

/** A saga that takes the key of its message needs a source that gives one: at such a start every message would be refused. */
function checkKey({ graph, find }: Drawing, { start }: Region): Problem[] {
  const { config } = graph.nodes.get(start)!;
  if (typeof config.key === "string" && config.key.trim() !== "") return [];
  const id = findKeyless(graph, start, find);
  if (id === undefined) return [];
  return [
    {
      code: "saga-unnamed",
      severity: "warning",
      message: `Messages of \`${id}\` have no key, and \`${start}\` names its saga after it: they would all be refused. Set its *Business key*, like \`body.id\`.`,
      node: start,
      field: "key",
    },
  ];
}

/** The nearest source without keys whose messages come to the start. Steps leave the key as it is; an end of a saga gives that saga's. */
function findKeyless(graph: Graph, start: string, find: FindKind): string | undefined {
  const behind = new Set([start]);
  // A Set hands out what is added while it is walked.
  for (const id of behind) {
    for (const { from, to } of graph.entering.get(id)!) {
      if (to.port !== "in" || behind.has(from.node)) continue;
      const { kind, config } = configureNode(graph.nodes.get(from.node)!, find);
      if (!kind || kind.inSaga === "only" || kind.holds === "saga") continue;
      if (config !== undefined && kind.semantics(config).source?.keyless === true) return from.node;
      behind.add(from.node);
    }
  }
  return undefined;
}

/** What stands in a saga and cannot. */
function checkStrays({ graph, find }: Drawing, { start, strays }: Region): Problem[] {
  const told = new Set<string>();
  return strays.flatMap((wire): Problem[] => {
    const { node, port } = wire.to;
    if (port !== "in") {
      const message = `The wire ${nameWire(wire)} comes from inside of the saga of \`${start}\`. Answers and events come from outside: wire a source to \`${node}.${port}\`.`;
      return [refuse("saga-entered", message, { node, wire })];
    }
    const kind = find(graph.nodes.get(node)!.kind);
    if (!kind || told.has(node)) return [];
    told.add(node);
    const message = `\`${node}\` (${kind.label}) cannot stand inside of the saga of \`${start}\`. ${wayOutFor(kind)}`;
    return [refuse("saga-kind-inside", message, { node, wire })];
  });
}

function wayOutFor(kind: Kind): string {
  if (kind.kind === "delay") return "Use a Timer there.";
  if (kind.kind === "wait") return "Use Wait in saga there.";
  if (kind.holds === "saga") return "A saga within a saga is a Sub-saga.";
  if (kind.role === "sink" || kind.calls)
    return "Use a Saga step, which can undo what it does, or put it behind a Saga end.";
  return "Put it before the Saga start, or behind a Saga end.";
}

/** Inside of a saga a port leads to one node. */
function checkPorts({ wires, strays }: Region): Problem[] {
  const seen = new Set<string>();
  return [...wires, ...strays].flatMap((wire): Problem[] => {
    const { node, port } = wire.from;
    const name = `${node}.${port}`;
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const message = `Several wires leave \`${node}\` by \`${port}\`: inside of a saga a port leads to one node. Put a Fork there, and branches run side by side.`;
    return [refuse("saga-port-forks", message, { node, wire })];
  });
}

function wordFlaw(flaw: Flaw): Problem {
  const { node } = flaw;
  switch (flaw.is) {
    case "way-ends":
      return flaw.fork === undefined
        ? refuse(
            "saga-end-missing",
            `The saga ends nowhere behind \`${flaw.port}\` of \`${node}\`. Wire it on, at last to a Saga end.`,
            { node },
          )
        : refuse(
            "saga-branch-open",
            `\`${flaw.port}\` of \`${node}\` leads nowhere, so the branches of \`${flaw.fork}\` can never come together. Wire it on to their Join.`,
            { node },
          );
    case "end-in-fork":
      return refuse(
        "saga-branch-open",
        `\`${node}\` ends the saga inside of a branch of \`${flaw.fork}\`, whose other branches would be left. Bring the branches together in a Join, and end behind it.`,
        { node },
      );
    case "branches-meet":
      return refuse(
        "saga-branches-meet",
        `Branches of \`${flaw.fork}\` meet at \`${node}\`, which would be come to twice. Bring them together in a Join before it.`,
        { node },
      );
    case "join-without-fork":
      return refuse(
        "saga-join-lost",
        `No Fork leads to the join \`${node}\`: there is nothing to wait for. Remove it, or put a Fork before it.`,
        { node },
      );
    case "join-of-several":
      return refuse(
        "saga-join-lost",
        `To the join \`${node}\` come ways of different forks (${joinWords(
          flaw.forks.map((each) => `\`${each}\``),
          "and",
        )}), so it can never be complete. Give each Fork a Join of its own, the inner one first.`,
        { node },
      );
    case "fork-with-several-joins":
      return refuse(
        "saga-branch-open",
        `The branches of \`${node}\` lead to several joins (${joinWords(
          flaw.joins.map((each) => `\`${each}\``),
          "and",
        )}), and each would wait for all of them. Let all its branches lead to one.`,
        { node },
      );
  }
}

/** Wires that enter a saga elsewhere than at its start, and sagas that run into each other. */
function checkBorders({ graph, regions, inside }: Drawing): Problem[] {
  const own = new Set(regions.flatMap(({ wires }) => wires));
  const entering = graph.wires.filter((wire) => wire.to.port === "in" && inside.has(wire.to.node) && !own.has(wire));
  return [
    ...entering.map((wire) => {
      const { start } = regions.find(({ nodes }) => nodes.includes(wire.to.node))!;
      const message = `The wire ${nameWire(wire)} enters the saga of \`${start}\` behind its start. Wire it to \`${start}\`, or have it come in as an event.`;
      return refuse("saga-entered", message, { node: wire.to.node, wire });
    }),
    ...findMeetings(regions).map(([node, starts]) => {
      const words = joinWords(
        starts.map((each) => `\`${each}\``),
        "and",
      );
      const message = `The sagas of ${words} both lead to \`${node}\`. Each needs nodes of its own; behind their ends they may come together.`;
      return refuse("saga-regions-meet", message, { node });
    }),
  ];
}

/** The first nodes that several sagas lead to. */
function findMeetings(regions: readonly Region[]): [string, string[]][] {
  const starts = new Map<string, string[]>();
  for (const { start, nodes } of regions)
    for (const node of nodes) starts.set(node, [...(starts.get(node) ?? []), start]);
  const isBehind = new Set(
    regions.flatMap(({ wires }) =>
      wires.flatMap(({ from, to }) => ((starts.get(from.node)?.length ?? 0) > 1 ? to.node : [])),
    ),
  );
  return [...starts].filter(([node, found]) => found.length > 1 && !isBehind.has(node));
}

function checkNode({ flow, graph, find, inside }: Drawing, node: FlowNode): Problem[] {
  const { kind, config } = configureNode(node, find);
  if (!kind) return [];
  const entering = graph.entering.get(node.id)!;
  const problems: Problem[] = [];
  if (kind.inSaga === "only" && !inside.has(node.id) && entering.some(({ to }) => to.port === "in")) {
    const where = endsSaga(kind) ? "behind a Saga start" : "between a Saga start and its ends";
    const message = `\`${node.id}\` (${kind.label}) is part of no saga: it stands ${where} only. Lead a Saga start's \`out\` to it.`;
    problems.push(refuse("saga-kind-outside", message, { node: node.id }));
  }
  if (node.retry && inside.has(node.id)) {
    const own =
      kind.kind === "saga-step"
        ? "Set the attempts of its action and its compensation instead"
        : "What fails there would fail again";
    const message = `The retry settings of \`${node.id}\` do nothing, as it stands inside of a saga. ${own}; remove them.`;
    problems.push({ ...refuse("saga-retry-unused", message, { node: node.id, field: "retry" }), severity: "warning" });
  }
  if (config === undefined) return problems;
  for (const port of kind.entrances ?? []) {
    if (!portsOf(node, find).in.includes(port) || entering.some(({ to }) => to.port === port)) continue;
    const message = wordUnfed(node.id, kind, config, port);
    if (message) problems.push(refuse("saga-event-unwired", message, { node: node.id }));
  }
  if (kind.kind === "switch" && inside.has(node.id) && (config as { mode: string }).mode === "all") {
    const message = `\`${node.id}\` may leave by several ports at once, which a saga cannot. Let it take the first case that is true, or use a Fork.`;
    const fix = { do: "set-field", field: "mode", value: "first", label: "Take the first case" } as const;
    problems.push({ ...refuse("config-field-invalid", message, { node: node.id, field: "mode" }), fix });
  }
  if (kind.kind === "sub-saga" && (config as SubSagaConfig).flow === flow.name) {
    const message = `\`${node.id}\` starts a saga of its own flow, which would start another, and so on. Name another flow.`;
    problems.push(refuse("saga-calls-itself", message, { node: node.id, field: "flow" }));
  }
  return problems;
}

/** Why it matters that nothing is wired to an input for answers or events; `undefined`: it does not. */
function wordUnfed(node: string, kind: Kind, config: unknown, port: string): string | undefined {
  if (kind.kind !== "saga-step")
    return `Nothing is wired to \`${port}\` of \`${node}\`, so what it waits for can never come. Wire the source of the events to it.`;
  const { action, compensation } = config as SagaStepConfig;
  // A queue gives the results of its jobs by itself.
  const calls = [action, compensation].filter((call) => call?.call === "topic");
  if (calls.length === 0) return undefined;
  return `\`${node}\` calls by topic, and no answer can come: nothing is wired to its \`${port}\`. Wire a source that reads the answers to it.`;
}
