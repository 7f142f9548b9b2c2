"use client";

import { useMemo } from "react";
import { configureNode } from "@/flow/configure";
import { defaultRetry, type Retry } from "@/flow/document";
import type { CallPolicy } from "@/flow/kind";
import { findKind } from "../drawing/kinds";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { ClearRetry } from "./clear-retry";
import { useDesigner, useDesignerStore } from "./context";
import { changeNode, nodeOf } from "./edit";
import { problemsOfNode, wiredPorts } from "./indexes";
import { describeCalls, describeRetry } from "./retry-words";

/** How often a message is tried at a node, and where it goes when that was not enough. */
export function RetryForm({ node }: { node: string }) {
  const store = useDesignerStore();
  const own = useDesigner((state) => nodeOf(state.document, node)?.retry);
  const errorWired = useDesigner((state) => wiredPorts(state.document.edges, node).has("error"));
  const holds = useDesigner((state) => state.document.settings?.delivery === "exactly-once");
  const calls = useCalls(node);
  const readOnly = useDesigner((state) => state.readOnly);
  const problems = useDesigner((state) => problemsOfNode(state.problems, node));
  const retry = own ?? defaultRetry;
  const set = (change: Partial<Retry>) => {
    const { document, apply } = store.getState();
    apply(changeNode(document, node, { retry: { ...retry, ...change } }), { group: `${node}.retry` });
  };
  const error = (field: string) => problems.find((problem) => problem.field === `retry.${field}`)?.message;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-muted">
        A message that fails here is tried again. What the node needs being away (refused, timed out, 429, 503) is no
        failure of the message: it waits, and spends no attempt.
      </p>
      <Whole
        label="Attempts"
        name="attempts"
        min={1}
        max={100}
        value={retry.attempts}
        error={error("attempts")}
        onChange={(attempts) => set({ attempts })}
        readOnly={readOnly}
      />
      {retry.attempts > 1 ? (
        <>
          <Field label="Wait between attempts" error={error("backoff")}>
            {(control) => (
              <Select
                {...control}
                value={retry.backoff}
                disabled={readOnly}
                onValueChange={(backoff) =>
                  set(
                    backoff === "fixed"
                      ? { backoff, maxDelayMs: Math.max(retry.delayMs, retry.maxDelayMs) }
                      : { backoff },
                  )
                }
                options={[
                  { value: "exponential", label: "Twice as long each time" },
                  { value: "fixed", label: "Always the same" },
                ]}
              />
            )}
          </Field>
          <Whole
            label={retry.backoff === "fixed" ? "Wait" : "First wait"}
            name="delayMs"
            min={0}
            max={3_600_000}
            unit="ms"
            value={retry.delayMs}
            error={error("delayMs")}
            // The longest wait bounds this one, too, and is not shown where all waits are the same.
            onChange={(delayMs) =>
              set(
                retry.backoff === "fixed" ? { delayMs, maxDelayMs: Math.max(delayMs, retry.maxDelayMs) } : { delayMs },
              )
            }
            readOnly={readOnly}
          />
          {retry.backoff === "exponential" ? (
            <Whole
              label="Longest wait"
              name="maxDelayMs"
              min={0}
              max={86_400_000}
              unit="ms"
              value={retry.maxDelayMs}
              error={error("maxDelayMs")}
              onChange={(maxDelayMs) => set({ maxDelayMs })}
              readOnly={readOnly}
            />
          ) : null}
        </>
      ) : null}
      <p className="rounded-md bg-sunken px-3 py-2 text-12" data-testid="retry-words">
        {describeRetry(retry, { holds })}
      </p>
      {calls ? (
        <p className="rounded-md bg-sunken px-3 py-2 text-12" data-testid="call-words">
          {describeCalls(calls)}
        </p>
      ) : null}
      <p className="rounded-md bg-sunken px-3 py-2 text-12">
        {errorWired
          ? "Then it leaves by the error port, to the node that is wired there."
          : "Then it goes to the dead letters with its cause, where it can be mended and sent again. Wire the error port to handle it here instead."}
      </p>
      {own && !readOnly ? (
        <div>
          <ClearRetry node={node}>Back to the default</ClearRetry>
        </div>
      ) : null}
    </div>
  );
}

function Whole(props: {
  label: string;
  name: string;
  min: number;
  max: number;
  unit?: string;
  value: number;
  error: string | undefined;
  readOnly: boolean;
  onChange(value: number): void;
}) {
  return (
    <Field label={props.label} error={props.error}>
      {(control) => (
        <div className="flex items-center gap-2">
          <Input
            {...control}
            mono
            type="number"
            className="!w-32"
            min={props.min}
            max={props.max}
            readOnly={props.readOnly}
            value={props.value}
            onChange={(event) => {
              const value = Math.round(event.target.valueAsNumber);
              if (Number.isFinite(value)) props.onChange(Math.max(props.min, Math.min(props.max, value)));
            }}
          />
          {props.unit ? <span className="text-muted">{props.unit}</span> : null}
        </div>
      )}
    </Field>
  );
}

/** How the node's calls are held in check, when it makes any and its form is filled. */
function useCalls(id: string): CallPolicy | undefined {
  const node = useDesigner((state) => nodeOf(state.document, id));
  return useMemo(() => {
    const kind = node && findKind(node.kind);
    if (!node || !kind?.calls) return undefined;
    const { config } = configureNode(node);
    return config ? kind.calls(config) : undefined;
  }, [node]);
}
