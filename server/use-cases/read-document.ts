import "server-only";
import type { FlowDocument } from "@/flow/document";
import { parseFlow } from "@/flow/parse";
import { refusal } from "../refusal";

/** A flow file as it came. @throws TRPCError with the first mistake's code and words, the others in the detail */
export function readDocument(file: unknown): FlowDocument {
  const { flow, problems } = parseFlow(file);
  if (flow) return flow;
  const [first, ...others] = problems;
  throw refusal(
    "BAD_REQUEST",
    first?.code ?? "file-format",
    first?.message ?? "The file is not a flow.",
    others.length === 0 ? undefined : others.map((problem) => problem.message).join("\n"),
  );
}
