"use client";

import Link from "next/link";
import { findKind } from "../drawing/kinds";
import { writeSagaFilter } from "../sagas/saga-filter";
import { useLive } from "../trpc/use-live";
import { formatPlural } from "../ui/formats";
import { useDesigner } from "./context";
import { nodeOf } from "./edit";

/** How many sagas stand at a node, with the way to them; at a saga's own nodes alone. */
export function SagasHere({ node }: { node: string }) {
  const flow = useDesigner((state) => state.document.name);
  const kind = useDesigner((state) => findKind(nodeOf(state.document, node)?.kind ?? ""));
  const running = useLive((live) => live.flows[flow]?.desired === "running");
  const count = useLive((live) => live.flows[flow]?.nodes[node]?.held ?? 0);
  if (kind?.inSaga !== "only" && kind?.holds !== "saga") return null;
  const isStart = kind.holds === "saga";
  const filter = writeSagaFilter(isStart ? {} : { step: node });
  return (
    <section className="mt-1 border-t px-4 pt-2.5 pb-4" aria-label="Sagas">
      <h3 className="flex items-center justify-between pb-1.5 font-semibold">
        Sagas
        {running ? <span className="text-12 font-normal text-faint">live</span> : null}
      </h3>
      <p className="text-12 text-muted">
        {count > 0
          ? `${formatPlural(count, "saga")} ${count === 1 ? "stands" : "stand"} here.`
          : running
            ? "None stands here now."
            : "Nothing runs yet. Deploy the flow to begin sagas."}{" "}
        <Link
          href={`/flows/${encodeURIComponent(flow)}/sagas${filter}`}
          className="text-accent underline underline-offset-2"
        >
          {isStart ? "Open the sagas of this flow" : "Open those that stand here"}
        </Link>
      </p>
    </section>
  );
}
