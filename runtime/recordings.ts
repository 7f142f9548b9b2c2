import { compileExpression, type Expression } from "../flow/expression";

/** What a person asked to be recorded of a flow, for a time. */
export interface AskedRecording {
  readonly flowId: string;
  /** CEL over the message. */
  readonly condition: string;
  readonly endsAt: Date;
}

interface Asked {
  readonly expression: Expression;
  readonly endsAt: number;
}

/** What is recorded for a time beside what the flows' settings say: picked up while they run, and over by itself. */
export class Recordings {
  #byFlow: ReadonlyMap<string, readonly Asked[]> = new Map();
  #compiled = new Map<string, Expression | null>();

  /** Takes over what is asked for now. */
  update(asked: readonly AskedRecording[]): void {
    const compiled = new Map<string, Expression | null>();
    const byFlow = new Map<string, Asked[]>();
    for (const { flowId, condition, endsAt } of asked) {
      const known = this.#compiled.get(condition);
      const expression = known === undefined ? compile(condition) : known;
      compiled.set(condition, expression);
      if (expression) byFlow.set(flowId, [...(byFlow.get(flowId) ?? []), { expression, endsAt: endsAt.getTime() }]);
    }
    this.#compiled = compiled;
    this.#byFlow = byFlow;
  }

  /** Conditions that hold now for a flow. They end at their time, also when Postgres is away. */
  of(flowId: string): readonly Expression[] {
    const asked = this.#byFlow.get(flowId);
    if (!asked) return none;
    const now = Date.now();
    return asked.filter(({ endsAt }) => endsAt > now).map(({ expression }) => expression);
  }
}

const none: readonly Expression[] = [];

/** Checked when it was asked for; a newer Millrace may know more than this one. */
function compile(condition: string): Expression | null {
  try {
    return compileExpression(condition);
  } catch {
    return null;
  }
}
