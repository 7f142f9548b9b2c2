import type { DeadLetterView } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { shortenCause } from "./shorten-cause";

/** More about the cause, and what went wrong before it, the newest first. */
export function LetterCauses({ letter }: { letter: DeadLetterView }) {
  const { causeCode, causeDetail, causes, node } = letter;
  return (
    <>
      {causeDetail ? (
        <details open={causeCode === "http-status"}>
          <summary className="text-12 text-muted">
            {causeCode === "http-status" ? "What was answered" : "What led to it"}
          </summary>
          <pre className="mt-1 max-h-40 overflow-auto whitespace-pre-wrap break-words font-mono text-12">
            {causeDetail}
          </pre>
        </details>
      ) : null}
      {causes.length > 0 ? (
        <details open>
          <summary className="text-12 text-muted">Before that</summary>
          <ol aria-label="Earlier causes" className="mt-1 flex max-h-40 flex-col gap-1 overflow-auto text-12">
            {causes.toReversed().map((cause, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: equal causes may stand in several places
              <li key={place}>
                {cause.node === node ? null : <span className="font-medium">{cause.node}: </span>}
                <InlineCode text={shortenCause(cause.message)} />
                <span className="text-muted">
                  {" "}
                  <span className="font-mono">{cause.code}</span>
                  {cause.times > 1 ? `, ${cause.times} times` : ""}
                </span>
              </li>
            ))}
          </ol>
        </details>
      ) : null}
    </>
  );
}
