import { type FlowDiff, summarizeDiff } from "../flow/diff";
import { type Changed, listDifferences } from "../flow/differences";
import { cleanText } from "./table";

const signs: Readonly<Record<Changed, string>> = { added: "+", removed: "-", changed: "~", moved: ">", reworded: '"' };

/** A difference as lines, one entry after the other with its fields. */
export function writeDiff(diff: FlowDiff, indent = ""): string {
  const lines = listDifferences(diff).flatMap(({ change, of, title, fields }) => [
    `${signs[change]} ${of === "wire" ? "wire " : ""}${title}: ${change}`,
    ...fields.map(({ path, before, after }) => `    ${path}: ${writeValue(before)} → ${writeValue(after)}`),
  ]);
  return lines.map((line) => indent + cleanText(line).replaceAll("\n", "\\n")).join("\n");
}

/** `1 node changed, 1 wire added`, also of what changes nothing that runs. */
export function writeSummary(diff: FlowDiff): string {
  return diff.differs === "nothing" ? "nothing differs" : summarizeDiff(diff);
}

const maxLength = 200;

function writeValue(value: unknown): string {
  if (value === undefined) return "not set";
  const text = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
