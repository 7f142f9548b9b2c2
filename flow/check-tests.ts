import { findKind } from "./catalog";
import { type FindKind, portsOf } from "./configure";
import type { FlowDocument, FlowNode } from "./document";
import { parseEndpoint } from "./graph";
import { joinWords } from "./issues";
import { workedAs } from "./kind";
import type { Problem } from "./problems";
import type { TestCase } from "./test-case";

/** Cases that cannot be run, or say what can never be. They keep no flow from running, so they are warnings; `requireTests` makes them count. */
export function checkTests(flow: FlowDocument, find: FindKind = findKind): Problem[] {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const severity = flow.settings?.requireTests ? "error" : "warning";
  if (flow.settings?.requireTests && (flow.tests ?? []).length === 0) {
    const message =
      "The flow is deployed only when its cases pass, and it has none. Add some, or turn that off in its settings.";
    const place = { field: "settings.requireTests", fix: { do: "open-flow-settings" } } as const;
    return [{ code: "tests-none", severity: "warning", message, ...place }];
  }
  const names = new Set<string>();
  return (flow.tests ?? []).flatMap((each, index): Problem[] => {
    const problem = (code: Problem["code"], field: string, message: string, node?: string): Problem => ({
      code,
      severity,
      message: `Case “${each.name}”: ${message}`,
      field: `tests.${index}.${field}`,
      ...(node !== undefined && nodes.has(node) ? { node } : {}),
    });
    const problems: Problem[] = [];
    if (names.has(each.name))
      problems.push(
        problem("test-name-duplicate", "name", "another case has the same name. Give it a name of its own."),
      );
    names.add(each.name);
    const source = nodes.get(each.at);
    if (!source || find(source.kind)?.role !== "source")
      problems.push(problem("test-source-unknown", "at", nameSources(flow, each, find), each.at));
    for (const endpoint of Object.keys(each.expect)) {
      const words = explainEndpoint(endpoint, nodes, find);
      const { node } = parseEndpoint(endpoint, "out");
      if (words) problems.push(problem("test-endpoint-unknown", `expect.${endpoint}`, words, node));
    }
    for (const [at, { node }] of (each.fails ?? []).entries())
      if (!nodes.has(node))
        problems.push(
          problem(
            "test-endpoint-unknown",
            `fails.${at}.node`,
            `it expects a failure at \`${node}\`, which is not there.`,
          ),
        );
    for (const node of Object.keys(each.answers ?? {})) {
      const kind = find(nodes.get(node)?.kind ?? "");
      if (!kind?.calls)
        problems.push(
          problem(
            "test-answer-unused",
            `answers.${node}`,
            `\`${node}\` calls nobody, so its answers are of no use.`,
            node,
          ),
        );
    }
    return problems;
  });
}

function nameSources(flow: FlowDocument, { at }: TestCase, find: FindKind): string {
  const sources = flow.nodes.filter(({ kind }) => find(kind)?.role === "source").map(({ id }) => `\`${id}\``);
  const wayOut = sources.length === 0 ? "The flow has none." : `Choose ${joinWords(sources)}.`;
  return `its message comes at \`${at}\`, which is no source. ${wayOut}`;
}

/** Why nothing can come there; `undefined` when something can. */
function explainEndpoint(endpoint: string, nodes: ReadonlyMap<string, FlowNode>, find: FindKind): string | undefined {
  const { node: id, port } = parseEndpoint(endpoint, "out");
  const node = nodes.get(id);
  if (!node) return `it expects something at \`${endpoint}\`, and there is no node \`${id}\`.`;
  const kind = find(node.kind);
  if (!kind) return undefined;
  const ports = portsOf(node, find).out;
  const named = ports.map((each) => `\`${id}.${each}\``);
  if (!endpoint.includes(".")) {
    if (workedAs(kind) === "sink") return undefined;
    return `it expects something at \`${id}\`, which writes nothing. Name a port of it: ${joinWords(named)}.`;
  }
  if (ports.includes(port)) return undefined;
  return `it expects something at \`${endpoint}\`, and \`${id}\` has no such port. It has ${joinWords(named, "and")}.`;
}
