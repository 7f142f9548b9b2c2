import type { FlowDocument } from "@/flow/document";
import { mergeFlows } from "@/flow/merge";
import { type RenamedIds, renameIds } from "@/flow/rename-ids";
import { isSame } from "@/flow/same";
import type { History } from "./history";

/**
 * My steps on top of what somebody else changed meanwhile: their edits go into every state, so that undo takes back mine alone. Where I
 * once had something else in a field that they changed, theirs stays; steps that then change nothing are left out.
 *
 * @param base What both of us began with; @param theirs what it is now on the server; @param present what is drawn from now on.
 */
export function rebaseHistory(
  history: History<FlowDocument>,
  base: FlowDocument,
  theirs: FlowDocument,
  present: FlowDocument,
  renamed: RenamedIds,
): History<FlowDocument> {
  const onto = (state: FlowDocument) => mergeFlows(base, renameIds(state, renamed), theirs, "theirs").document;
  const past = history.past.map(onto);
  const future = history.future.map(onto);
  return {
    ...history,
    past: past.filter((state, index) => !isSame(state, past[index + 1] ?? present)),
    present,
    future: future.filter((state, index) => !isSame(state, index === 0 ? present : future[index - 1])),
  };
}
