"use client";

import { CircleCheck, LoaderCircle, TriangleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import type { FlowNode } from "@/flow/document";
import type { LiveView } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { titleOfNode } from "../drawing/kinds";
import { useLiveFlow } from "../trpc/use-live";
import { Callout } from "../ui/callout";
import { wordsOfNode } from "../ui/state-words";
import { inkOf } from "../ui/tag";
import { notifyDone } from "../ui/toast";

const closeAfterMs = 1_100;

/** How a version comes up, node by node; says so and goes when every one runs. */
export function DeployProgress({
  flow,
  title,
  deployed,
  nodes,
  onDone,
}: {
  flow: string;
  title: string;
  deployed: { version: number; revision: number };
  nodes: readonly FlowNode[];
  onDone(): void;
}) {
  const live = useLiveFlow(flow);
  // A view of an older revision says nothing yet about this one.
  const arrived = live !== undefined && live.revision >= deployed.revision && live.version === deployed.version;
  const states = nodes.map((node) => ({ node, live: arrived ? live.nodes[node.id] : undefined }));
  // A node that tries a message again is up: the message is its trouble, not the version's.
  const all = arrived && states.every(({ live: own }) => own?.state === "running" || own?.state === "retrying");
  const troubled = states.filter(({ live: own }) => own?.state === "degraded" || own?.state === "halted");
  const finish = useRef(onDone);
  finish.current = onDone;
  useEffect(() => {
    if (!all) return;
    const timer = setTimeout(() => {
      notifyDone(`v${deployed.version} of ${title} is running`);
      finish.current();
    }, closeAfterMs);
    return () => clearTimeout(timer);
  }, [all, deployed.version, title]);

  return (
    <div className="flex flex-col gap-3" aria-live="polite">
      <p className="flex items-center gap-2 font-medium">
        {all ? (
          <CircleCheck className="size-4 shrink-0 text-ok" aria-hidden />
        ) : troubled.length > 0 ? (
          <TriangleAlert className="size-4 shrink-0 text-warn" aria-hidden />
        ) : (
          <LoaderCircle className="size-4 shrink-0 animate-spin text-muted" aria-hidden />
        )}
        <span>
          <InlineCode
            text={wordsOf(
              live,
              arrived,
              all,
              troubled.map(({ live: own }) => own?.state),
            )}
          />
        </span>
      </p>
      {live?.state === "failed" && live.cause ? (
        <Callout tone="bad" title="The version could not be started" code={live.cause.code}>
          {live.cause.message}
        </Callout>
      ) : null}
      <ul className="divide-y divide-line rounded-md border border-line">
        {states.map(({ node, live: own }) => {
          const state = own ? wordsOfNode(own.state) : null;
          return (
            <li key={node.id} className="flex items-start justify-between gap-3 px-3 py-1.5">
              <span className="truncate">{titleOfNode(node)}</span>
              <span
                className={`max-w-[65%] break-words text-right text-12 leading-5 ${state ? inkOf[state.tone] : "text-faint"}`}
              >
                {state?.words ?? "Waiting"}
                {own?.cause ? <InlineCode text={`: ${own.cause.message}`} /> : null}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function wordsOf(live: LiveView | undefined, arrived: boolean, all: boolean, troubled: readonly unknown[]): string {
  if (live?.state === "waiting-for-worker") {
    return live.cause?.message ?? "No worker is running. It starts as soon as one is there.";
  }
  if (!arrived) return "Handed to the workers";
  if (live?.state === "failed") return "Not running";
  if (all) return "Every node runs";
  if (troubled.includes("halted")) return "Deployed, and halted: a source waits for a person.";
  return troubled.length > 0 ? "Deployed. It keeps trying by itself until what it needs is there." : "Starting";
}
