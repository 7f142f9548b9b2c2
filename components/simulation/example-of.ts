import type { FlowDocument } from "@/flow/document";
import type { Region } from "@/flow/saga/region";
import { nodeOf } from "../designer/edit";
import type { Scope } from "../form/environment";
import { fillExample } from "./example-answers";
import type { StartMessage } from "./simulate-step";

/** The message that a saga is simulated over: what came last to its start, else a sample with guesses for what it lacks. */
export function exampleOf(
  document: FlowDocument,
  region: Region,
  scope: Scope | null,
): { message: StartMessage; words: string } {
  const { key, body, headers } = scope?.values ?? {};
  const message: StartMessage = {
    key: typeof key === "string" ? key : null,
    body: body ?? {},
    headers: (headers as StartMessage["headers"] | undefined) ?? {},
  };
  // What really came is left as it came: what it lacks, others will lack too.
  if (scope?.words === "the newest message") return { message, words: scope.words };
  const nodes = region.nodes.map((id) => nodeOf(document, id)!);
  const { body: filled, guessed } = fillExample(message.body, nodeOf(document, region.start)!, nodes);
  const words = scope?.words ?? "an example";
  if (guessed.length === 0) return { message, words };
  return { message: { ...message, body: filled }, words: `an example, ${guessed.join(", ")} guessed` };
}
