import type { EarlierCause } from "@/flow/run-detail";
import { settingOfCause, shortenCause } from "@/flow/shorten-cause";
import { InlineCode } from "../drawing/inline-code";

/** Between the links of `nameErrors`. */
const link = ", caused by ";

/** More about a cause, which setting of the node it was, and what went wrong before it, the newest first. */
export function CauseChain({
  code,
  message,
  detail,
  causes,
  node,
  nodeWords = (id) => id,
}: {
  code: string;
  message: string;
  detail: string | null | undefined;
  causes: readonly EarlierCause[];
  /** Where it failed: it is not named again at each cause. */
  node: string;
  nodeWords?(id: string): string;
}) {
  const setting = settingOfCause(message);
  const isAnswer = code === "http-status";
  const links = detail && !isAnswer ? detail.split(link) : [];
  return (
    <>
      {setting === null ? null : (
        <p className="text-12 text-muted">
          In its setting <span className="font-mono">{setting}</span>
        </p>
      )}
      {detail ? (
        <details open>
          <summary className="text-12 text-muted">{isAnswer ? "What was answered" : "What led to it"}</summary>
          {links.length > 1 ? (
            <ol aria-label="Cause chain" className="mt-1 flex flex-col gap-0.5 font-mono text-12">
              {links.map((words, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: equal errors may stand in several places
                <li key={place} style={{ paddingLeft: place * 12 }}>
                  {place > 0 ? <span className="font-sans text-muted">caused by </span> : null}
                  {words}
                </li>
              ))}
            </ol>
          ) : (
            <pre className="mt-1 max-h-40 overflow-auto whitespace-pre-wrap break-words font-mono text-12">
              {detail}
            </pre>
          )}
        </details>
      ) : null}
      {causes.length > 0 ? (
        <details open>
          <summary className="text-12 text-muted">Before that</summary>
          <ol aria-label="Earlier causes" className="mt-1 flex max-h-40 flex-col gap-1 overflow-auto text-12">
            {causes.toReversed().map((cause, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: equal causes may stand in several places
              <li key={place}>
                {cause.node === node ? null : <span className="font-medium">{nodeWords(cause.node)}: </span>}
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
