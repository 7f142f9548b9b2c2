import { parsePath, setPath } from "../body-path";
import { findKind } from "../catalog";
import { configureNode, type FindKind } from "../configure";
import { readCorrelation } from "../correlation";
import type { FlowDocument } from "../document";
import { dueAt } from "../due-time";
import { compileExpression } from "../expression";
import { buildGraph } from "../graph";
import type { FilterConfig } from "../nodes/filter";
import type { MapConfig } from "../nodes/map";
import type { SagaApprovalConfig } from "../nodes/saga-approval";
import type { SagaStepConfig } from "../nodes/saga-step";
import type { SagaTimerConfig } from "../nodes/saga-timer";
import type { SagaWaitConfig } from "../nodes/saga-wait";
import type { SwitchConfig } from "../nodes/switch";
import { compileTemplate } from "../template";
import { inField } from "./in-field";
import type { SagaEvaluation, SagaScope } from "./program";
import { findRegions } from "./region";
import { compileExit } from "./request";
import { readScope } from "./status";

/** What expressions of a saga read, as it stands. */
export const scopeOfSaga = readScope;

type Passes = (scope: SagaScope) => { readonly port: string; readonly body: unknown };

/**
 * Compiles the expressions of the saga that begins at `start`, once; to be used for all of them. What it answers with throws as
 * `SagaEvaluation` says.
 * @throws ExpressionError when one cannot be compiled (all that `check` knows was already refused), Error when there is no such saga
 */
export function makeEvaluation(flow: FlowDocument, start: string, find: FindKind = findKind): SagaEvaluation {
  const graph = buildGraph(flow);
  const region = findRegions(graph, find).find((each) => each.start === start);
  if (!region) throw new Error(`The flow has no saga that begins at \`${start}\`.`);
  const passes = new Map<string, Passes>();
  const outputs = new Map<string, (scope: SagaScope, answer: unknown) => unknown>();
  const awaited = new Map<string, (scope: SagaScope) => string>();
  const times = new Map<string, (scope: SagaScope, now: number) => number>();
  const events = new Map<string, (scope: SagaScope) => unknown>();
  for (const id of region.nodes) {
    const { kind, config } = configureNode(graph.nodes.get(id)!, find);
    switch (kind?.kind) {
      case "switch":
        passes.set(id, compileSwitch(config as SwitchConfig));
        break;
      case "filter":
        passes.set(id, compileFilter(config as FilterConfig));
        break;
      case "map":
        passes.set(id, compileMap(config as MapConfig));
        break;
      case "saga-step":
        outputs.set(id, compileOutput(config as SagaStepConfig));
        break;
      case "saga-wait":
        awaited.set(id, compileAwaits(config as SagaWaitConfig));
        break;
      case "saga-timer":
        times.set(id, compileTime(config as SagaTimerConfig));
        break;
      case "saga-end":
        events.set(id, compileExit(flow, id, find));
    }
  }
  return {
    pass: (node, scope) => pick(passes, node)(scope),
    output: (node, scope, answer) => (outputs.has(node) ? outputs.get(node)!(scope, answer) : (answer ?? null)),
    awaits: (node, scope) => pick(awaited, node)(scope),
    until: (node, scope, now) => pick(times, node)(scope, now),
    end: (node, scope) => void pick(events, node)(scope),
  };
}

function pick<Value>(all: ReadonlyMap<string, Value>, node: string): Value {
  const found = all.get(node);
  if (found === undefined) throw new Error(`Node \`${node}\` has nothing of the kind to evaluate.`);
  return found;
}

/** Expressions read a scope as any map. */
const open = (scope: SagaScope) => scope as unknown as Readonly<Record<string, unknown>>;

function compileSwitch({ cases }: SwitchConfig): Passes {
  const compiled = cases.map(({ port, when }) => ({ port, when: compileExpression(when) }));
  return (scope) => {
    const fits = compiled.find(({ when }, index) => inField(`cases.${index}.when`, () => when.test(open(scope))));
    return { port: fits?.port ?? "otherwise", body: scope.body };
  };
}

function compileFilter({ when }: FilterConfig): Passes {
  const condition = compileExpression(when);
  return (scope) => ({ port: inField("when", () => condition.test(open(scope))) ? "pass" : "rest", body: scope.body });
}

function compileMap({ set, value }: MapConfig): Passes {
  const whole = value ? compileExpression(value) : undefined;
  const fields = Object.entries(set ?? {}).map(([name, source]) => ({
    field: `set.${name}`,
    path: parsePath(name),
    expression: compileExpression(source),
  }));
  return (scope) => {
    let body = whole ? inField("value", () => whole.evaluate(open(scope)) ?? null) : scope.body;
    for (const { field, path, expression } of fields)
      body = inField(field, () => setPath(body, path, expression.evaluate(open(scope)) ?? null));
    return { port: "out", body };
  };
}

function compileOutput({ output }: SagaStepConfig): (scope: SagaScope, answer: unknown) => unknown {
  if (!output) return (_, answer) => answer ?? null;
  const expression = compileExpression(output, { variables: ["body", "key", "headers", "meta", "answer"] });
  return (scope, answer) => inField("output", () => expression.evaluate({ ...scope, answer: answer ?? null }) ?? null);
}

function compileAwaits({ awaits }: SagaWaitConfig): (scope: SagaScope) => string {
  const expression = compileExpression(awaits);
  return (scope) => inField("awaits", () => readCorrelation(expression.evaluate(open(scope))));
}

function compileTime(config: SagaTimerConfig): (scope: SagaScope, now: number) => number {
  const until = config.until ? compileExpression(config.until) : undefined;
  return (scope, now) => inField("until", () => dueAt(config, until, open(scope), now));
}

/** What an approval asks, for a person; where it cannot be made of the data, as it was written. */
export function renderQuestion(config: SagaApprovalConfig, scope: SagaScope): string {
  try {
    return compileTemplate(config.question).render(open(scope));
  } catch {
    return config.question;
  }
}
