import type { Scope } from "./environment";

export type Evaluated = { ok: true; text: string } | { ok: false; message: string } | null;

/** Tries an expression or a template on a message; `null` when there is no message to try it on. The language itself is loaded on demand. */
export async function evaluateOn(
  source: string,
  options: { holes: boolean; scope: Scope | null; variables: readonly string[] },
): Promise<Evaluated> {
  const { holes, scope, variables } = options;
  if (!scope) return null;
  const values = withGenerated(scope.values, variables);
  try {
    if (holes) {
      const { compileTemplate } = await import("@/flow/template");
      return { ok: true, text: compileTemplate(source, { variables }).render(values) };
    }
    const { compileExpression } = await import("@/flow/expression");
    return { ok: true, text: printValue(compileExpression(source, { variables }).evaluate(values)) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : "It failed on this message." };
  }
}

/** Names that only some kinds have get a value to try with. */
function withGenerated(values: Scope["values"], variables: readonly string[]): Readonly<Record<string, unknown>> {
  const samples: Record<string, unknown> = {
    n: 1,
    now: new Date().toISOString(),
    status: 200,
    answer: {},
    headers: {},
  };
  const extra = Object.fromEntries(
    variables.filter((name) => !(name in values) && name in samples).map((name) => [name, samples[name]]),
  );
  return { ...extra, ...values };
}

/** A value in one line, as it would stand in JSON. */
export function printValue(value: unknown): string {
  if (value === undefined) return "nothing";
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part)) ?? String(value);
}
