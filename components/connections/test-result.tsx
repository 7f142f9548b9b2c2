import type { Answers } from "@/flow/control";
import { Callout } from "../ui/callout";
import { wordsOfError } from "../ui/error-words";
import { formatDuration } from "../ui/formats";

/** What a test reached, or why it did not. */
export function TestResult({ result, error }: { result: Answers["connection-test"] | undefined; error: unknown }) {
  if (error) {
    const { message, code } = wordsOfError(error);
    return (
      <Callout tone="warn" title="It could not be tested" code={code}>
        {message}
      </Callout>
    );
  }
  if (!result) return null;
  if (result.ok) {
    return (
      <Callout tone="ok" title={result.reached}>
        Answered in {formatDuration(result.tookMs)}.
      </Callout>
    );
  }
  return (
    <Callout tone="bad" title={result.cause.message} code={result.cause.code}>
      {result.cause.detail ? <p className="break-words text-12 text-muted">{result.cause.detail}</p> : null}
      <p>Tried for {formatDuration(result.tookMs)}. Nothing was changed.</p>
    </Callout>
  );
}
