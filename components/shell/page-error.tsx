"use client";

import { CircleAlert } from "lucide-react";
import { Button } from "../ui/button";
import { EmptyState } from "../ui/empty-state";

/** A page that could not be drawn. What runs in the worker is not touched by it. */
export function PageError({ error, onRetry }: { error: Error & { digest?: string }; onRetry(): void }) {
  return (
    <div className="grid h-full place-items-center">
      <EmptyState
        icon={<CircleAlert />}
        title="This page could not be shown"
        action={
          <>
            <Button variant="primary" onClick={onRetry}>
              Try again
            </Button>
            <Button onClick={() => location.assign("/flows")}>Open flows</Button>
          </>
        }
      >
        What is saved and what runs is not touched by it.
        {error.digest ? <span className="mt-1 block font-mono text-12">page-failed {error.digest}</span> : null}
      </EmptyState>
    </div>
  );
}
