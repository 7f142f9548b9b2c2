"use client";

import { useDesigner } from "./context";
import { weakeningsOfNode } from "./indexes";
import { WeakeningWords } from "./weakening-words";

/** What the node takes from the flow's guarantee, and what would mend it; nothing where it takes nothing. */
export function NodeGuarantee({ node }: { node: string }) {
  const weakenings = useDesigner((state) => weakeningsOfNode(state.semantics, node));
  if (weakenings.length === 0) return null;
  return (
    <section aria-labelledby="node-guarantee" className="border-t border-line px-4 py-3" data-testid="node-guarantee">
      <h3 id="node-guarantee" className="font-semibold">
        What it weakens
      </h3>
      <ul className="mt-2 flex flex-col gap-2 text-12">
        {weakenings.map((each) => (
          <li key={each.text}>
            <WeakeningWords weakening={each} />
          </li>
        ))}
      </ul>
    </section>
  );
}
