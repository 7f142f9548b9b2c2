import { parsePath, setPath } from "@/flow/body-path";
import type { FlowNode } from "@/flow/document";

/**
 * What steps and waits of a saga are taken to answer, as long as nobody says otherwise: records with the fields that its expressions read,
 * each with a value that looks like its name. Only a guess, so that what is sent behind them can be shown.
 */
export function guessAnswers(nodes: readonly FlowNode[]): Record<string, unknown> {
  const sources = textsOf(nodes);
  return Object.fromEntries(
    nodes.filter(({ kind }) => answering.has(kind)).map((node) => [node.id, guessAnswer(node, sources)]),
  );
}

/** Kinds that put what comes back into the saga's data. */
const answering: ReadonlySet<string> = new Set(["saga-step", "sub-saga", "saga-wait"]);

function guessAnswer(node: FlowNode, sources: readonly string[]): Record<string, unknown> {
  const output = textAt(node, "output");
  const into = textAt(node, "into");
  const taken = into ? readPaths(`body.${into}`, sources) : [];
  if (!output) return makeRecord(taken, node.id);
  // One part of the answer, as it is: what is read of the output is read of that part.
  const part = /^answer((?:\.[A-Za-z_]\w*)+)$/.exec(output.trim())?.[1]?.slice(1).split(".");
  const behind = part ? taken.map((path) => [...part, ...path]) : [];
  return makeRecord(behind.length > 0 ? behind : readPaths("answer", [output]), node.id);
}

/**
 * The body of an example message with guesses for what the saga reads of it and it lacks; `guessed` names them. What steps put into the
 * data, and what an expression asks for with `has`, is not missing.
 */
export function fillExample(
  body: unknown,
  start: FlowNode,
  nodes: readonly FlowNode[],
): { body: unknown; guessed: string[] } {
  const data = textAt(start, "data");
  // What the start makes its data of is read of the message; what stands behind it reads that data.
  const sources = [textAt(start, "key") ?? "", ...(data ? [data] : textsOf(nodes))];
  const made = data ? [] : nodes.flatMap((node) => textAt(node, "into") ?? []);
  const isMade = (path: string) => made.some((into) => path === into || path.startsWith(`${into}.`));
  const asked = new Set(
    sources.flatMap((source) => [...source.matchAll(/has\(\s*body\.([\w.]+)/g)].map(([, path]) => path!)),
  );
  let filled = body;
  const guessed: string[] = [];
  for (const path of readPaths("body", sources)) {
    const name = path.join(".");
    if (isMade(name) || asked.has(name) || guessed.includes(name) || !isAbsent(filled, path)) continue;
    filled = setPath(filled ?? {}, path, guessValue(path.at(-1)!, start.id));
    guessed.push(name);
  }
  return { body: filled, guessed };
}

/** What the saga begins with: the message's body, or what its start makes of that, as far as its names tell. */
export function guessData(body: unknown, start: FlowNode, nodes: readonly FlowNode[]): unknown {
  const data = textAt(start, "data");
  if (!data) return fillExample(body, start, nodes).body;
  const made = nodes.flatMap((node) => textAt(node, "into")?.split(".")[0] ?? []);
  const named = [...data.matchAll(/['"]([A-Za-z_]\w*)['"]\s*:/g)].map(([, name]) => [name!]);
  const paths = [...named, ...readPaths("body", textsOf(nodes)).filter(([first]) => !made.includes(first!))];
  return paths.reduce<unknown>((record, path) => {
    if (!isAbsent(record, path)) return record;
    const known = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined | null)?.[name], body);
    return setPath(record, path, known ?? guessValue(path.at(-1)!, start.id));
  }, {});
}

/** The saga's data as it comes to a node, with guesses for what the nodes before it have put in. */
export function guessDataAt(data: unknown, before: readonly FlowNode[], nodes: readonly FlowNode[]): unknown {
  const sources = textsOf(nodes);
  return before.reduce((body, node) => {
    const into = textAt(node, "into");
    if (!into || !answering.has(node.kind)) return body;
    try {
      return setPath(body, parsePath(into), makeRecord(readPaths(`body.${into}`, sources), node.id));
    } catch {
      return body;
    }
  }, data);
}

/** The fields that are read of a variable, each as its path. Methods are no fields. */
function readPaths(owner: string, sources: readonly string[]): string[][] {
  const pattern = new RegExp(`(?<![\\w.])${owner.replaceAll(".", "\\.")}((?:\\.[A-Za-z_]\\w*)+)(\\()?`, "g");
  return sources.flatMap((source) =>
    [...source.matchAll(pattern)].flatMap(([, path, called]) => {
      const names = path!.slice(1).split(".");
      if (called) names.pop();
      return names.length > 0 ? [names] : [];
    }),
  );
}

function makeRecord(paths: readonly string[][], node: string): Record<string, unknown> {
  return paths.reduce<unknown>(
    (record, path) => (isAbsent(record, path) ? setPath(record, path, guessValue(path.at(-1)!, node)) : record),
    {},
  ) as Record<string, unknown>;
}

/** Nothing stands there, and nothing stands in the way. */
function isAbsent(body: unknown, path: readonly string[]): boolean {
  let at: unknown = body ?? {};
  for (const name of path) {
    if (at === undefined || at === null) return true;
    if (typeof at !== "object" || Array.isArray(at)) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return at === undefined;
}

const amounts = /^(amount|total|subtotal|price|count|quantity|fee|costs?|cents|weight|number)$/;
const times = /^(at|date|time|datetime|timestamp|until)$/;

/** By the words of its name: a `seat` is no time, a `country` no count. */
function guessValue(name: string, node: string): unknown {
  const words = name.split(/(?<=[a-z\d])(?=[A-Z])|_/).map((word) => word.toLowerCase());
  if (words.some((word) => amounts.test(word))) return 42;
  if (times.test(words.at(-1)!)) return "2026-01-01T12:00:00Z";
  if (/^(is|has|ok$|accepted|approved|available)/i.test(name)) return true;
  if (/^(items|lines|products|parcels)$/i.test(name)) return [{ sku: "A-1", quantity: 2 }];
  return `${node}-${name}`;
}

const textAt = ({ config }: FlowNode, field: string) => {
  const value = config[field];
  return typeof value === "string" && value !== "" ? value : undefined;
};

const textsOf = (nodes: readonly FlowNode[]) => nodes.flatMap((node) => [...textsIn(node.config)]);

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) yield* textsIn(each);
}
