import type { FlowDocument } from "@/flow/document";
import { maxTestCases, type TestCase } from "@/flow/test-case";
import type { Trial } from "@/flow/trial";

/** The cases of a document. */
export function casesOf(document: FlowDocument): readonly TestCase[] {
  return document.tests ?? [];
}

/** Adds cases at the end; a name that is taken gets a number. */
export function addCases(document: FlowDocument, cases: readonly TestCase[]): FlowDocument {
  const taken = new Set(casesOf(document).map(({ name }) => name));
  const added = cases.map((each) => {
    const name = freeName(each.name, taken);
    taken.add(name);
    return name === each.name ? each : { ...each, name };
  });
  return added.length === 0 ? document : withCases(document, [...casesOf(document), ...added]);
}

/** Why so many more are too many; `null` when they fit. */
export function refuseCases(document: FlowDocument, more: number): string | null {
  const room = maxTestCases - casesOf(document).length;
  return more <= room ? null : `A flow has at most ${maxTestCases} cases; there is room for ${room} more.`;
}

export function replaceCase(document: FlowDocument, name: string, next: TestCase): FlowDocument {
  return withCases(
    document,
    casesOf(document).map((each) => (each.name === name ? next : each)),
  );
}

export function removeCase(document: FlowDocument, name: string): FlowDocument {
  return withCases(
    document,
    casesOf(document).filter((each) => each.name !== name),
  );
}

/** A copy right behind its case, and the copy's name. */
export function duplicateCase(document: FlowDocument, name: string): { document: FlowDocument; name: string } {
  const taken = new Set(casesOf(document).map((each) => each.name));
  const copy = freeName(`${name.slice(0, 110)} copy`, taken);
  const cases = casesOf(document).flatMap((each) =>
    each.name === name ? [each, { ...structuredClone(each), name: copy }] : [each],
  );
  return { document: withCases(document, cases), name: copy };
}

/** Why a case cannot have a name; `null` when it can. */
export function refuseName(document: FlowDocument, name: string, own?: string): string | null {
  const typed = name.trim();
  if (typed === "") return "A case needs a name.";
  if (typed.length > 120) return "At most 120 characters.";
  if (typed !== own && casesOf(document).some((each) => each.name === typed))
    return `There is a case “${typed}” already.`;
  return null;
}

/** What came is what the case expects from now on. */
export function takeOutcome({ fails: _fails, ...rest }: TestCase, { outcome }: Pick<Trial, "outcome">): TestCase {
  return { ...rest, ...structuredClone(outcome) };
}

function withCases({ tests: _tests, ...document }: FlowDocument, tests: readonly TestCase[]): FlowDocument {
  return tests.length === 0 ? document : { ...document, tests: [...tests] };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let count = 2; ; count++) {
    const next = `${name.slice(0, 112)} (${count})`;
    if (!taken.has(next)) return next;
  }
}
