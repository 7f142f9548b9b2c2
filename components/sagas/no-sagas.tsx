import { Undo2 } from "lucide-react";
import { Button, ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";

/** Why a list of sagas is empty, and the way on. */
export function NoSagas({
  filtered,
  onClear,
  flow,
}: {
  filtered: boolean;
  onClear(): void;
  flow?: string | undefined;
}) {
  if (filtered) {
    return (
      <EmptyState
        icon={<Undo2 />}
        title="No saga matches the filter"
        action={<Button onClick={onClear}>Remove filters</Button>}
      >
        Sagas that have ended are kept for the time that their start says, then forgotten.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Undo2 />}
      title="No sagas yet"
      action={
        <ButtonLink href={flow ? `/flows/${encodeURIComponent(flow)}` : "/flows"} variant="primary">
          {flow ? "Open the drawing" : "Open flows"}
        </ButtonLink>
      }
    >
      A saga is a run of several steps, each with what undoes it: when one fails for good, the others are taken back in
      reverse order. Draw one from a saga start to a saga end, deploy the flow and send it a message; the saga appears
      here at once.
    </EmptyState>
  );
}
