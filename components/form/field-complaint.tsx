import clsx from "clsx";
import type { Problem } from "@/flow/problems";
import { InlineCode } from "../drawing/inline-code";

/** What is wrong with a field, under it: an error red, a warning amber and named so. */
export function FieldComplaint({ id, problem }: { id: string; problem: Problem | undefined }) {
  if (!problem) return null;
  return (
    <p id={id} className={clsx("mt-1 break-words text-12", problem.severity === "error" ? "text-bad" : "text-warn")}>
      {problem.severity === "warning" ? <span className="sr-only">Warning: </span> : null}
      <InlineCode text={problem.message} />
    </p>
  );
}
