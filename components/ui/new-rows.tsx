import { ArrowUp } from "lucide-react";
import type { RefObject } from "react";
import { Button } from "./button";
import { formatCount } from "./formats";

/** How many rows wait above a list that does not move by itself; a click lets them in and shows them. Nothing when none waits. */
export function NewRows({
  count,
  letIn,
  scroller,
}: {
  count: number;
  letIn(): void;
  scroller: RefObject<HTMLElement | null>;
}) {
  if (count === 0) return null;
  return (
    <Button
      size="sm"
      variant="primary"
      icon={<ArrowUp />}
      className="!rounded-full"
      onClick={() => {
        letIn();
        scroller.current?.scrollTo({ top: 0 });
      }}
    >
      {formatCount(count)} new
    </Button>
  );
}
