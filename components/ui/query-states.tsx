"use client";

import { Button } from "./button";
import { Callout } from "./callout";
import { wordsOfError } from "./error-words";

/** Where a list or page could not be loaded: words, code, and another try. */
export function LoadError({ error, what, onRetry }: { error: unknown; what: string; onRetry(): void }) {
  const { message, code } = wordsOfError(error);
  return (
    <div className="p-4">
      <Callout
        tone="bad"
        title={`${what} could not be loaded`}
        code={code}
        action={<Button onClick={onRetry}>Try again</Button>}
      >
        {message}
      </Callout>
    </div>
  );
}
