import { type FlowDocument, flowFormat, flowSchema } from "./document";
import { type Issue, readIssues, readPath } from "./issues";
import { findJsonError } from "./json-place";
import type { Problem, ProblemCode } from "./problems";

export { canonicalFlow, formatFlow } from "./format";

export interface ParsedFlow {
  /** Absent when there are problems. */
  readonly flow?: FlowDocument;
  readonly problems: Problem[];
}

/**
 * Reads a flow file: its text, or what `JSON.parse` made of it.
 * Every field that is not part of the format is refused by name, with its path in `field`; a file of another format gets the one
 * problem `file-format`, so that it can be opened read-only.
 */
export function parseFlow(source: unknown): ParsedFlow {
  if (typeof source !== "string") return parseDocument(source);
  let document: unknown;
  try {
    document = JSON.parse(source.charCodeAt(0) === 0xfeff ? source.slice(1) : source);
  } catch {
    return refuse("file-not-json", `The file is not JSON${locateSyntaxError(source)}.`);
  }
  return parseDocument(document);
}

function parseDocument(document: unknown): ParsedFlow {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return refuse("file-format", `This is not a flow file: it must be a map with "format": "${flowFormat}".`);
  }
  const format = (document as Record<string, unknown>).format;
  if (format !== flowFormat) {
    const found = typeof format === "string" ? `of the format \`${format.slice(0, 80)}\`` : "without a `format`";
    return refuse("file-format", `The file is ${found}; this Millrace reads and writes \`${flowFormat}\`.`, "format");
  }
  const result = flowSchema.safeParse(document);
  if (!result.success) {
    return { problems: readIssues(result.error, document).map((issue) => describeFileIssue(issue, document)) };
  }
  const problems = findDuplicateIds(result.data);
  return problems.length > 0 ? { problems } : { flow: result.data, problems };
}

function refuse(code: ProblemCode, message: string, field?: string): ParsedFlow {
  return { problems: [{ code, severity: "error", message, ...(field === undefined ? {} : { field }) }] };
}

function describeFileIssue(issue: Issue, document: unknown): Problem {
  const field = issue.path.join(".");
  const name = issue.path.at(-1) ?? "the file";
  const owner = issue.path.slice(0, -1);
  const node = issue.path[0] === "nodes" ? readPath(document, ["nodes", issue.path[1] ?? 0, "id"]) : undefined;
  const place =
    typeof node === "string" ? `node \`${node}\`` : owner.length > 0 ? `\`${owner.join(".")}\`` : "the flow";
  const known = issue.what === "unknown" ? "The format has no such field" : undefined;
  return {
    code:
      issue.what === "unknown"
        ? "file-field-unknown"
        : issue.path.includes("retry")
          ? "retry-invalid"
          : "file-field-invalid",
    severity: "error",
    message: known
      ? `\`${name}\` in ${place} is unknown. ${known}: correct or remove it (${field}).`
      : `\`${name}\` in ${place} ${issue.words} (${field}).`,
    field,
    ...(typeof node === "string" ? { node } : {}),
  };
}

/** One problem per id that more than one node carries. */
export function findDuplicateIds(flow: Pick<FlowDocument, "nodes">): Problem[] {
  const counts = new Map<string, number>();
  for (const node of flow.nodes) counts.set(node.id, (counts.get(node.id) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => ({
      code: "node-id-duplicate",
      severity: "error",
      message: `${count} nodes have the id \`${id}\`. Give each its own.`,
      node: id,
    }));
}

/** ` (line 3, column 5)`. */
function locateSyntaxError(source: string): string {
  if (source.trim() === "") return ": it is empty";
  const position = findJsonError(source);
  if (position === null) return "";
  const before = source.slice(0, position).split("\n");
  return ` (line ${before.length}, column ${before.at(-1)!.length + 1})`;
}
