import type { FlowNode } from "@/flow/document";

/**
 * What steps and waits of a saga are taken to answer, as long as nobody says otherwise: records with the fields that its expressions read,
 * each with a value that looks like its name. Only a guess, so that what is sent behind them can be shown.
 */
export function guessAnswers(nodes: readonly FlowNode[]): Record<string, unknown> {
  const sources = nodes.flatMap((node) => [...textsIn(node.config)]);
  return Object.fromEntries(
    nodes.filter(({ kind }) => answering.has(kind)).map((node) => [node.id, guessAnswer(node, sources)]),
  );
}

/** Kinds that put what comes back into the saga's data. */
const answering: ReadonlySet<string> = new Set(["saga-step", "sub-saga", "saga-wait"]);

function guessAnswer({ id, config }: FlowNode, sources: readonly string[]): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  const output = typeof config.output === "string" && config.output !== "" ? config.output : undefined;
  const into = typeof config.into === "string" && config.into !== "" ? config.into : undefined;
  const paths = output ? pathsBehind("answer", [output]) : into ? pathsBehind(`body.${into}`, sources) : [];
  for (const path of paths) setGuess(answer, path, id);
  return answer;
}

/** The fields that are read of a variable, each as its path. Methods are no fields. */
function pathsBehind(owner: string, sources: readonly string[]): string[][] {
  const pattern = new RegExp(`(?<![\\w.])${owner.replaceAll(".", "\\.")}((?:\\.[A-Za-z_]\\w*)+)(\\()?`, "g");
  return sources.flatMap((source) =>
    [...source.matchAll(pattern)].flatMap(([, path, called]) => {
      const names = path!.slice(1).split(".");
      if (called) names.pop();
      return names.length > 0 ? [names] : [];
    }),
  );
}

function setGuess(record: Record<string, unknown>, [name, ...rest]: readonly string[], node: string): void {
  if (rest.length === 0) {
    record[name!] ??= guessValue(name!, node);
    return;
  }
  const inner = record[name!];
  const next = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
  record[name!] = next;
  setGuess(next, rest, node);
}

function guessValue(name: string, node: string): unknown {
  if (/amount|total|price|count|quantity|fee|cost|cents|weight|number$/i.test(name)) return 42;
  if (/At$|date|time|until/i.test(name)) return "2026-01-01T12:00:00Z";
  if (/^(is|has|ok$|accepted|approved|available)/i.test(name)) return true;
  return `${node}-${name}`;
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) yield* textsIn(each);
}
