import type { FieldMeta } from "@/flow/fields";
import { makeGenerateScope } from "@/flow/nodes/generate-scope";
import type { BodyShape, Scope } from "./environment";

export type Evaluated = { ok: true; text: string } | { ok: false; message: string } | null;

/** Tries an expression or a template on a message; `null` when there is no message to try it on. The language itself is loaded on demand. */
export async function evaluateOn(
  source: string,
  options: { holes: boolean; scope: Scope | null; variables: readonly string[]; expects?: FieldMeta["expects"] },
): Promise<Evaluated> {
  const { holes, scope, variables, expects } = options;
  // A generator that has made nothing yet has no body to try its key on.
  if (!scope || (variables.includes("body") && !("body" in scope.values))) return null;
  const values = withGenerated(scope.values, variables);
  try {
    if (holes) {
      const { compileTemplate } = await import("@/flow/template");
      return { ok: true, text: compileTemplate(source, { variables }).render(values) };
    }
    const { compileExpression } = await import("@/flow/expression");
    const compiled = compileExpression(source, { variables });
    // A condition is asked as the worker asks it: neither true nor false is a failure there.
    const value = expects === "bool" ? compiled.test(values) : compiled.evaluate(values);
    return { ok: true, text: printValue(value) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : "It failed on this message." };
  }
}

/**
 * A field that no sample has: the next message may, so it is a hint and no problem. `null` when all is there, or where a schema says more
 * than samples do.
 */
export async function hintAbsent(source: string, body: BodyShape | undefined): Promise<string | null> {
  if (!body || body.sure || body.shape.is === "unknown") return null;
  const { readExpressionShape } = await import("@/flow/shape/expression-shape");
  const { closeShape } = await import("@/flow/shape/shape");
  const { findNearest } = await import("@/flow/nearest");
  const [absent] = readExpressionShape(source, { body: closeShape(body.shape) }).absent;
  if (!absent || absent.ownerIs !== undefined) return null;
  const meant = findNearest(absent.name, absent.known);
  return `No sample has \`${absent.name}\` in \`${absent.owner}\`.${meant ? ` Did you mean \`${meant}\`?` : ""}`;
}

/** Names that only some kinds have get a value to try with. */
function withGenerated(values: Scope["values"], variables: readonly string[]): Readonly<Record<string, unknown>> {
  const samples: Record<string, unknown> = {
    ...makeGenerateScope(1n, Date.now()),
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
