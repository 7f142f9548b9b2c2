import type { FlowDocument } from "../../flow/document";
import type { Plan } from "../../flow/plan";
import { makeEvaluation } from "../../flow/saga/evaluate";
import type { SagaEvaluation, SagaProgram, SagaScope } from "../../flow/saga/program";
import { compileCall, compileExit, keepForOf, type SagaCall } from "../../flow/saga/request";
import type { SagaSide } from "../../flow/saga/state";

/** What carries out the sagas that begin at one node of a version: made once, used for all of them. */
export interface SagaWork {
  readonly program: SagaProgram;
  readonly evaluation: SagaEvaluation;
  /** How long one that has ended is kept. */
  readonly keepForMs: number;
  /** `null`: the step has no such side. */
  callOf(node: string, side: SagaSide): SagaCall | null;
  /** Body of the message that leaves there. @throws ExpressionError */
  exitBody(node: string, scope: SagaScope): unknown;
  /** Does anything stand behind that port? */
  isWired(node: string, port: string): boolean;
}

/** By its document, which is the same object as long as the version is open. */
const works = new WeakMap<FlowDocument, Map<string, SagaWork>>();

/** @throws Error when the version has no saga that begins there. */
export function workOf(document: FlowDocument, plan: Plan, start: string): SagaWork {
  let known = works.get(document);
  if (!known) {
    known = new Map();
    works.set(document, known);
  }
  let work = known.get(start);
  if (!work) {
    const program = plan.sagas.find((each) => each.start === start);
    if (!program) throw new Error(`This version of the flow has no saga that begins at \`${start}\`.`);
    work = makeWork(document, plan, program);
    known.set(start, work);
  }
  return work;
}

function makeWork(document: FlowDocument, plan: Plan, program: SagaProgram): SagaWork {
  const calls = new Map<string, SagaCall | null>();
  const exits = new Map<string, (scope: SagaScope) => unknown>();
  return {
    program,
    evaluation: makeEvaluation(document, program.start),
    keepForMs: keepForOf(document, program.start),
    callOf(node, side) {
      const name = `${node} ${side}`;
      let call = calls.get(name);
      if (call === undefined) {
        call = compileCall(document, node, side);
        calls.set(name, call);
      }
      return call;
    },
    exitBody(node, scope) {
      let render = exits.get(node);
      if (!render) {
        render = compileExit(document, node);
        exits.set(node, render);
      }
      return render(scope);
    },
    isWired: (node, port) => (plan.exits[node]?.[port] ?? []).length > 0,
  };
}
