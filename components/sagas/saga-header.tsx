"use client";

import type { SagaAction, SagaView } from "@/server/saga-views";
import { CopyButton } from "../payload/code-block";
import { titleOf } from "../runs/run-titles";
import { PageHeader } from "../shell/page-header";
import { Button } from "../ui/button";
import { Pill } from "../ui/tag";
import { SagaMark } from "./saga-mark";

/** Key, flow, status, and what can be done to the saga as a whole. */
export function SagaHeader({ saga, busy, onAct }: { saga: SagaView; busy: boolean; onAct(action: SagaAction): void }) {
  const { document, may, status, state } = saga;
  const flow = `/flows/${encodeURIComponent(saga.flow)}`;
  const gone = document.nodes.length === 0;
  const retries = Object.values(may.nodes).flatMap(({ retry }) => (retry ? [retry] : []));
  return (
    <PageHeader
      crumbs={[{ label: "Flows", href: "/flows" }]}
      title={
        gone ? (
          "Deleted flow"
        ) : (
          <a href={flow} className="hover:underline">
            {document.title ?? saga.flow}
          </a>
        )
      }
      after={[
        { label: "Sagas", href: gone ? "/sagas" : `${flow}/sagas` },
        { label: <span className="font-mono text-12 text-text">{saga.key}</span> },
      ]}
      badge={
        <>
          <Pill>
            <SagaMark status={status} />
            {describeStand(saga)}
          </Pill>
          <CopyButton text={saga.key} label="Copy key" />
        </>
      }
    >
      {state.phase === "ended" ? null : (
        <Button
          disabled={busy}
          aria-disabled={may.cancel.ok ? undefined : true}
          title={may.cancel.ok ? undefined : may.cancel.why}
          onClick={() => may.cancel.ok && onAct("cancel")}
        >
          Cancel saga…
        </Button>
      )}
      {retries.length > 0 ? (
        <Button
          variant="primary"
          busy={busy}
          disabled={!retries.some(({ ok }) => ok)}
          onClick={() => onAct("retry")}
          title={retries.find((each) => !each.ok)?.why}
        >
          Retry now
        </Button>
      ) : null}
    </PageHeader>
  );
}

/** `at Charge card` while it goes on; nothing once it has ended. */
function describeStand({ steps, document, state }: SagaView): string {
  if (state.phase === "ended" || steps.length === 0) return "";
  const [first = "", ...more] = steps;
  return `at ${titleOf(document, first)}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}
