import type { FlowDocument } from "./document";
import { checkExpression } from "./expression";
import type { Problem } from "./problems";

/** What is wrong with what the flow's settings say of its records. */
export function checkRecording({ settings }: FlowDocument): Problem[] {
  return Object.entries(settings?.searchable ?? {}).flatMap(([name, source]) =>
    checkExpression(source).map(
      (problem): Problem => ({ severity: "error", ...problem, field: `settings.searchable.${name}` }),
    ),
  );
}
