"use client";

import { regionOf } from "../drawing/regions";
import { ClearRetry } from "./clear-retry";
import { useDesigner } from "./context";
import { nodeOf } from "./edit";
import { wiredPorts } from "./indexes";

/** Inside of a saga no message is tried again: what counts there instead, and a way to clear settings that do not. */
export function SagaRetry({ node }: { node: string }) {
  const own = useDesigner((state) => nodeOf(state.document, node)?.retry !== undefined);
  const errorWired = useDesigner((state) => wiredPorts(state.document.edges, node).has("error"));
  const start = useDesigner((state) => regionOf(state.document, node)?.start);
  const readOnly = useDesigner((state) => state.readOnly);
  return (
    <div className="flex flex-col gap-4">
      <p className="text-muted">
        This node is part of the saga of <code className="font-mono text-12">{start}</code>. It only computes on the
        saga's data, and would fail on them the same way again: there are no attempts to set. Attempts of calls are set
        at each Saga step, for its action and its compensation.
      </p>
      <p className="rounded-md bg-sunken px-3 py-2 text-12" data-testid="saga-retry-words">
        {errorWired
          ? "When it fails, the saga goes on by the error port."
          : "When it fails, the saga turns, and what was done is undone; past the point of no return a person is asked. Wire the error port to go on there instead."}
      </p>
      {own ? (
        <div className="flex flex-wrap items-center justify-between gap-2">
          <p className="text-12 text-muted">Its own retry settings count only outside of a saga.</p>
          {readOnly ? null : <ClearRetry node={node}>Clear them</ClearRetry>}
        </div>
      ) : null}
    </div>
  );
}
