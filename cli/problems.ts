import type { Problem } from "../flow/problems";

/** Problems as lines: `error  route · cases.0.when  …  (expression-syntax)`. */
export function writeProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ severity, node, edge, field, message, code, range }) => {
      const place = [node ?? edge, field, range ? `character ${range.from + 1}` : undefined]
        .filter(Boolean)
        .join(" · ");
      return `${severity.padEnd(7)}  ${place === "" ? "" : `${place}: `}${message} (${code})`;
    })
    .join("\n");
}

export function countErrors(problems: readonly Problem[]): number {
  return problems.filter((problem) => problem.severity === "error").length;
}
