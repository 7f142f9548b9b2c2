import Link from "next/link";
import type { ReactNode } from "react";
import type { Payload, RunStep } from "@/flow/control";
import { runLimits } from "@/flow/run-detail";
import type { RunView } from "@/server/views";
import { formatCount } from "../ui/formats";
import { nodeOf } from "./run-titles";

export const unkeptWords = `Nothing was kept of this message: a run keeps ${runLimits.payloads} payloads.`;

/** What a run did not keep of its steps, as a sentence; `null`: it has all of them. */
export function describeMoreSteps({ moreSteps, steps }: RunView["detail"]): string | null {
  if (!moreSteps) return null;
  const failed = steps.length > runLimits.steps ? ", and beyond that the first that failed" : "";
  return `A run keeps ${formatCount(runLimits.steps)} steps${failed}; ${formatCount(moreSteps)} more ran.`;
}

/** Where a message that was cut is to be had whole: in its dead letter, or where it lies at the source. */
export function WholeMessage({ run, work, payload }: { run: RunView; work: RunStep; payload: Payload }): ReactNode {
  const { payloads, steps } = run.detail;
  if (work.state === "dead" && payloads[work.in ?? -1] === payload && run.deadLetters.length > 0) {
    const one = run.deadLetters.length === 1;
    return (
      <>
        It is whole in{" "}
        <Link
          href={one ? `/dead-letters?id=${run.deadLetters[0]?.id}` : `/dead-letters?flow=${run.flow}`}
          className="font-medium underline"
        >
          {one ? "its dead letter" : "the dead letters"}
        </Link>
        .
      </>
    );
  }
  const isAsCame = steps[0]?.node === run.source && payloads[steps[0].out[0]?.payload ?? -1] === payload;
  return (
    <>
      {isAsCame ? "It is whole at" : "As it came from the source it is whole at"} <SourcePlace run={run} />.
    </>
  );
}

/** Where the message lay at its source, as a link to that place where it can be looked into. */
function SourcePlace({ run }: { run: RunView }) {
  const config = nodeOf(run.document, run.source)?.config ?? {};
  const place = config.topic ?? config.queue ?? config.stream;
  const words = `${run.lane} @ ${run.position}`;
  if (typeof place !== "string" || place === "") return <span className="font-mono">{words}</span>;
  const connection =
    typeof config.connection === "string" ? `connection=${encodeURIComponent(config.connection)}&` : "";
  return (
    <Link href={`/brokers?${connection}place=${encodeURIComponent(place)}`} className="font-mono underline">
      {words}
    </Link>
  );
}
