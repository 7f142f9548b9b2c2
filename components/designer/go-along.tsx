"use client";

import { joinWords } from "@/flow/issues";
import { titleOfNode } from "../drawing/kinds";
import { useMe } from "../shell/session";
import { Callout } from "../ui/callout";
import { useCompanions } from "./companions";
import { useDesigner } from "./context";
import { nodeOf } from "./edit";

/** Before a deploy: whose edits are in what is saved beside one's own, and who is still at it. */
export function GoAlong({ flow }: { flow: string }) {
  const others = useDesigner((state) => state.others);
  const document = useDesigner((state) => state.document);
  const here = [...new Set(useCompanions(flow).map(({ words }) => words))];
  const me = useMe();
  const edits = Object.entries(others).map(([by, nodes]) => [by === me.name ? "your other tab" : by, nodes] as const);
  if (edits.length + here.length === 0) return null;
  const titleOf = (id: string) => {
    const node = nodeOf(document, id);
    return node ? titleOfNode(node) : id;
  };
  const whose = joinWords(
    edits.map(([by]) => by),
    "and",
  );
  return (
    <Callout tone="warn" title={edits.length > 0 ? `Edits of ${whose} go along` : "You are not alone here"}>
      {edits.map(([by, nodes]) => (
        <p key={by}>
          {by}: {nodes.length > 0 ? joinWords(nodes.map(titleOf), "and") : "wires or settings of the flow"}.
        </p>
      ))}
      {here.length > 0 ? (
        <p>Open here, too: {joinWords(here, "and")}. What is saved until you press Deploy goes along.</p>
      ) : null}
    </Callout>
  );
}
