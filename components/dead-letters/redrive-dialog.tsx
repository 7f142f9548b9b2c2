"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isJson, notJsonWarning } from "../payload/is-json";
import { printPayload } from "../payload/json-diff";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { formatCount, formatPlural } from "../ui/formats";
import { Textarea } from "../ui/input";
import { Skeleton } from "../ui/skeleton";
import { Checkbox } from "../ui/switch";
import { notifyDone } from "../ui/toast";
import { ConditionField, EditField, LetterForm, RateField } from "./redrive-choice";
import { Repeat, TargetChoice, TypedCount } from "./redrive-parts";
import { PreviewResult } from "./redrive-preview";
import { type LettersOf, type RedriveRequest, refuseRate, type Target } from "./redrive-request";
import { useRunningFlows } from "./use-running-flows";

/** How many a bulk sends before it asks to type the number. */
const typedPast = 50;

/**
 * Sends dead letters again: to the node where each failed or to its source, as they are or edited, all or those that fit, at a rate.
 * Says what a second delivery does, and on a dry run what all of it would do.
 */
export function RedriveDialog({
  ids,
  group,
  flows,
  editing = false,
  onClose,
}: {
  ids?: readonly string[];
  group?: LettersOf;
  /** Names of the flows they belong to. */
  flows: readonly string[];
  editing?: boolean;
  onClose(): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const count = group?.count ?? ids?.length ?? 0;
  const one = !group && ids?.length === 1;
  const sampleList = useQuery(
    trpc.deadLetters.list.queryOptions(
      {
        flow: group?.flow ?? "",
        ...(group?.fingerprint === undefined ? {} : { fingerprint: group.fingerprint }),
        state: "waiting",
        limit: 1,
      },
      { enabled: group !== undefined },
    ),
  );
  const sampleId = ids?.[0] ?? sampleList.data?.items[0]?.id;
  const sample = useQuery(
    trpc.deadLetters.get.queryOptions({ id: sampleId ?? "" }, { enabled: sampleId !== undefined }),
  );
  const [target, setTarget] = useState<Target>("node");
  const [edits, setEdits] = useState(editing);
  const [typedValue, setValue] = useState<string | null>(null);
  const [cel, setCel] = useState("");
  const [where, setWhere] = useState("");
  const [rate, setRate] = useState("");
  const [typed, setTyped] = useState("");
  const running = useRunningFlows();
  const stopped = running ? flows.filter((flow) => !running.has(flow)) : [];
  const allStopped = stopped.length > 0 && stopped.length === flows.length;
  const stoppedWords =
    flows.length === 1
      ? `The flow is stopped: ${one ? "it waits" : "they wait"} until it is deployed again.`
      : `Stopped: ${stopped.join(", ")}. What belongs there waits until it is deployed again.`;
  const before = one && sample.data?.edited?.target === target ? sample.data.edited : null;
  const begin = before?.encoding === "text" ? before : sample.data;
  const value = typedValue ?? (begin?.encoding === "text" && begin.value !== null ? printPayload(begin.value) : "");
  const notJson = sample.data?.codec === "json" && !isJson(value);

  const redrive = useMutation(
    trpc.deadLetters.redrive.mutationOptions({
      onSuccess: async ({ queued }) => {
        await queries.invalidateQueries({ queryKey: trpc.deadLetters.pathKey() });
        await queries.invalidateQueries({ queryKey: trpc.redrives.pathKey() });
        if (allStopped) notifyDone(`${formatPlural(queued, "message")} queued`, { description: stoppedWords });
        else
          notifyDone(`${formatPlural(queued, "message")} on the way`, {
            description: stopped.length > 0 ? stoppedWords : "A worker sends them now; their state follows here.",
          });
        onClose();
      },
    }),
  );
  const request = makeRequest();
  function makeRequest(): RedriveRequest {
    const which = group
      ? { flow: group.flow, ...(group.fingerprint === undefined ? {} : { fingerprint: group.fingerprint }) }
      : { ids: [...(ids ?? [])] };
    return {
      ...which,
      target,
      ...(one || !where.trim() ? {} : { where: where.trim() }),
      ...(one || !rate.trim() ? {} : { rate: Number(rate) }),
      ...(edits && one ? { edit: { value, encoding: "text" as const } } : {}),
      ...(edits && !one && cel.trim() ? { edit: { cel: cel.trim() } } : {}),
    };
  }
  const client = useTRPCClient();
  const preview = useMutation({
    mutationFn: (asked: RedriveRequest) => client.deadLetters.preview.query(asked),
  });
  // What was tried is shown as long as it is what would be sent; the rate changes nothing of it.
  const isTried = preview.data !== undefined && sameChoice(preview.variables, request);

  const failure = redrive.error ?? preview.error;
  const refused = failure ? wordsOfError(failure) : null;
  const matched = isTried && preview.data.complete ? preview.data.matched : undefined;
  // How many a condition leaves is known when it was tried.
  const sends = request.where === undefined ? count : matched;
  const mustTry = sends === undefined && count > typedPast;
  const mustType = sends !== undefined && sends > typedPast;
  const isReady =
    count > 0 &&
    sends !== 0 &&
    !(edits && one && !sample.data) &&
    refuseRate(rate) === null &&
    !mustTry &&
    (!mustType || typed === String(sends));
  const cannotEdit = one && sample.data?.encoding === "base64";
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={one ? "Send the dead letter again" : `Send ${formatPlural(count, "dead letter")} again`}
      width={edits || !one ? "lg" : "md"}
      footer={
        <>
          {one ? null : (
            <Button className="mr-auto" busy={preview.isPending} onClick={() => preview.mutate(request)}>
              Dry run
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={redrive.isPending}
            disabled={!isReady}
            onClick={() => redrive.mutate(request)}
          >
            {one ? "Send again" : sends === undefined ? "Send those again" : `Send ${formatCount(sends)} again`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {one ? null : (
          <LetterForm letter={sample.data}>
            <ConditionField value={where} onChange={setWhere} />
          </LetterForm>
        )}
        <TargetChoice target={target} letter={one ? sample.data : undefined} onChange={setTarget} />
        {sample.isPending && sampleId ? <Skeleton className="h-12 w-full" /> : null}
        {sample.data ? <Repeat letter={sample.data} one={one} /> : null}
        {stopped.length > 0 ? <Callout tone="warn" title={stoppedWords} /> : null}
        {before && !edits ? (
          <p className="text-12 text-muted">
            It is sent as it was edited the last time. Edit it to send something else.
          </p>
        ) : null}
        <div className="flex items-center gap-2">
          <Checkbox id="edit-first" checked={edits} disabled={cannotEdit} onCheckedChange={setEdits} />
          <label htmlFor="edit-first">{one ? "Edit the message first" : "Change each message first"}</label>
          {cannotEdit ? <span className="text-12 text-faint">not for bytes that are no text</span> : null}
        </div>
        {edits && one ? (
          <Field
            label="Value"
            hint={
              notJson ? (
                <span className="text-warn">{notJsonWarning}</span>
              ) : (
                "What is kept stays as it is; this is what is sent."
              )
            }
            aside={
              before && sample.data?.encoding === "text" ? (
                <button
                  type="button"
                  className="text-accent hover:underline"
                  onClick={() => setValue(printPayload(sample.data?.value ?? ""))}
                >
                  Put back what failed first
                </button>
              ) : null
            }
          >
            {(field) => (
              <Textarea
                {...field}
                mono
                rows={12}
                value={value}
                onChange={(event) => setValue(event.target.value)}
                spellCheck={false}
              />
            )}
          </Field>
        ) : null}
        {edits && !one ? (
          <LetterForm letter={sample.data}>
            <EditField value={cel} onChange={setCel} />
          </LetterForm>
        ) : null}
        {one ? null : <RateField value={rate} onChange={setRate} />}
        {isTried ? <PreviewResult preview={preview.data} edits={request.edit !== undefined} /> : null}
        {mustTry ? <p className="text-12 text-muted">Do a dry run first: it is not known how many fit.</p> : null}
        {mustType ? <TypedCount count={sends} value={typed} onChange={setTyped} /> : null}
        {refused ? (
          <Callout tone="bad" title="Nothing was sent" code={refused.code}>
            {refused.message}
          </Callout>
        ) : null}
      </div>
    </Dialog>
  );
}

function sameChoice(asked: RedriveRequest | undefined, request: RedriveRequest): boolean {
  const choice = ({ rate: _rate, ...rest }: RedriveRequest) => JSON.stringify(rest);
  return asked !== undefined && choice(asked) === choice(request);
}
