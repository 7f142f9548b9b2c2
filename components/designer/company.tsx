"use client";

import { titleOfNode } from "../drawing/kinds";
import { useMe } from "../shell/session";
import { Tooltip } from "../ui/tooltip";
import { type Companion, useChoosers, useCompanions } from "./companions";
import { useDesigner, useDesignerStore, useStanding } from "./context";
import { nodeOf } from "./edit";

const shownAtOnce = 4;

/** Top right: who else has this flow open, each a button that leads to the node that they have chosen. */
export function Company({ flow }: { flow: string }) {
  const all = useCompanions(flow);
  if (all.length === 0) return null;
  return (
    <ul aria-label="Also here" className="flex shrink-0 -space-x-1.5">
      {all.slice(0, shownAtOnce).map((companion) => (
        <li key={companion.tab}>
          <Face companion={companion} />
        </li>
      ))}
      {all.length > shownAtOnce ? (
        <li className="grid size-6 place-items-center rounded-full border border-line bg-raised text-[11px] font-semibold">
          +{all.length - shownAtOnce}
        </li>
      ) : null}
    </ul>
  );
}

function Face({ companion }: { companion: Companion }) {
  const store = useDesignerStore();
  const title = useDesigner((state) => {
    const node = companion.node === null ? undefined : nodeOf(state.document, companion.node);
    return node ? titleOfNode(node) : null;
  });
  const words = title === null ? companion.words : `${companion.words}, at ${title}`;
  return (
    <Tooltip content={words} side="bottom">
      <button
        type="button"
        aria-label={words}
        data-person={companion.color}
        className="person grid size-6 place-items-center rounded-full text-[11px] font-semibold leading-none outline outline-2 outline-surface"
        onClick={() => {
          if (title !== null) store.getState().inspect(companion.node!);
        }}
      >
        {companion.initials}
      </button>
    </Tooltip>
  );
}

/** Around a node that somebody else has chosen: a thin ring with the name. */
export function CompanyRing({ node }: { node: string }) {
  const flow = useStanding((state) => state.document.name);
  const me = useMe();
  const here = useChoosers(flow, node, me.id);
  if (here.length === 0) return null;
  return (
    <span className="person-ring" data-person={here[0]!.color} data-testid="company-ring">
      <span className="person person-name">{[...new Set(here.map(({ name }) => name))].join(", ")}</span>
    </span>
  );
}
