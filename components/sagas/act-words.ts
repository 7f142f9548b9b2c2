import type { SagaAction, SagaVisitView } from "@/server/saga-views";

export type AskedAction = Exclude<SagaAction, "retry">;

/** How one is asked about an action: what it is called, what will happen, what it needs. */
export interface ActWords {
  title: string;
  verb: string;
  explains: string;
  /** `reason`: must be given; `words`: may be; `result`: JSON. */
  needs: "reason" | "words" | "result" | null;
  done: string;
}

/**
 * @param title of the node, where there is one
 * @param visit of the saga at it
 * @param rejectedLeads a way on is drawn for a no
 */
export function wordsOfAct(
  action: AskedAction,
  title: string,
  visit: SagaVisitView | undefined,
  rejectedLeads: boolean,
): ActWords {
  const kept = "Your name and words are kept with it.";
  switch (action) {
    case "skip":
      return { title: `Skip ${title}`, verb: "Skip", explains: explainSkip(visit), needs: "reason", done: "Skipped" };
    case "complete":
      if (visit?.undo) {
        return {
          title: `Complete the undoing of ${title}`,
          verb: "Complete",
          explains:
            "Its compensation counts as done and is tried no more; the saga goes on undoing. Say so once you know that what the step did is taken back.",
          needs: null,
          done: "Completed: it counts as undone",
        };
      }
      return {
        title: `Complete ${title}`,
        verb: "Complete",
        explains: explainResult(visit),
        needs: "result",
        done: "Completed",
      };
    case "approve":
      return {
        title: `Approve: ${title}`,
        verb: "Approve",
        explains: `The saga goes on. ${kept}`,
        needs: "words",
        done: "Approved",
      };
    case "reject":
      return {
        title: `Reject: ${title}`,
        verb: "Reject",
        explains: rejectedLeads
          ? `The saga goes on by the port rejected. ${kept}`
          : `No way is drawn for a no: the saga is taken back. ${kept}`,
        needs: "words",
        done: "Rejected",
      };
    case "cancel":
      return {
        title: "Cancel this saga",
        verb: "Cancel saga",
        explains: "Nothing new begins from now on. It cannot be resumed.",
        needs: "reason",
        done: "The saga is being taken back",
      };
  }
}

function explainSkip(visit: SagaVisitView | undefined): string {
  if (visit?.undo) {
    return "Its compensation is tried no more, and the saga goes on as if the step were undone. What it did stays, until somebody undoes it by hand.";
  }
  if (visit?.state === "waiting") return "The saga goes on at once, without what it waits for.";
  return "The saga goes on without it. What it should have done is left to somebody’s hands.";
}

function explainResult(visit: SagaVisitView | undefined): string {
  if (visit?.state === "waiting") return "The saga goes on as if this had come.";
  if (visit?.attempts.length === 0) return "The saga goes on from here with this as its whole data: a record.";
  return "The step counts as done, and the saga goes on with this result. An answer that comes later is noted and changes nothing.";
}
