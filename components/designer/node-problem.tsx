"use client";

import type { Problem } from "@/flow/problems";
import { InlineCode } from "../drawing/inline-code";
import { FixButton } from "./fix-button";

/** At the place of a problem that is chosen: its way out. */
export function NodeFix({ problem }: { problem: Problem }) {
  return (
    <span className="nodrag nopan pointer-events-auto">
      <FixButton problem={problem} />
    </span>
  );
}

/** What is wrong with a wire, and the way out, in its middle. */
export function WireProblem({ problem }: { problem: Problem }) {
  return (
    <span className="wire-problem nodrag nopan" role="status">
      <span>
        <InlineCode text={problem.message} />
      </span>
      <FixButton problem={problem} />
    </span>
  );
}
