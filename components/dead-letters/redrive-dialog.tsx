"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isJson } from "../payload/is-json";
import { useTRPC, useTRPCClient } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { formatCount, formatPlural } from "../ui/formats";
import { Skeleton } from "../ui/skeleton";
import { Checkbox } from "../ui/switch";
import { notify, notifyDone } from "../ui/toast";
import { ConditionField, LetterForm, PaceFields } from "./redrive-choice";
import { emptyMapping, LetterByHand, MappingFields, type WrittenLetter } from "./redrive-edit";
import { Repeat, TargetChoice, TypedCount } from "./redrive-parts";
import { PreviewResult } from "./redrive-preview";
import {
  type LettersOf,
  type RedriveRequest,
  readDraft,
  readWritten,
  refuseNumber,
  type Target,
  writeOut,
} from "./redrive-request";
import { useLeaveGuard } from "./use-leave-guard";
import { useRunningFlows } from "./use-running-flows";

/** How many a bulk sends before it asks to type the number. */
const typedPast = 50;
/** What a bulk offers: a cause that is not mended shows by these, and the rest stays as it is. */
const usualPauseAfter = "10";

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
  const [typedLetter, setLetter] = useState<Partial<WrittenLetter>>({});
  const [mapping, setMapping] = useState(emptyMapping);
  const [where, setWhere] = useState("");
  const [rate, setRate] = useState("");
  const [pauseAfter, setPauseAfter] = useState(usualPauseAfter);
  const [typed, setTyped] = useState("");
  const running = useRunningFlows();
  const stopped = running ? flows.filter((flow) => !running.has(flow)) : [];
  const allStopped = stopped.length > 0 && stopped.length === flows.length;
  const stoppedWords =
    flows.length === 1
      ? `The flow is stopped: ${one ? "it waits" : "they wait"} until it is started again.`
      : `Stopped: ${stopped.join(", ")}. What belongs there waits until it is started again.`;
  const came = (target === "source" ? sample.data?.original : null) ?? sample.data;
  const before = one && sample.data?.edited?.target === target ? sample.data.edited : null;
  const begin = before ?? came;
  const cannotEdit = one && begin ? wordsAgainstEdit(begin) : null;
  const byHand = edits && one && !cannotEdit;
  const written = { ...writeOut(begin), ...typedLetter };
  const isBroken = byHand && sample.data?.codec === "json" && written.value !== null && !isJson(written.value);
  const change = edits && !one ? readDraft(mapping) : null;
  const lacksChange = edits && !one && change === null;
  const isDirty =
    Object.keys(typedLetter).length > 0 ||
    mapping !== emptyMapping ||
    where.trim() !== "" ||
    rate.trim() !== "" ||
    pauseAfter !== usualPauseAfter;
  const guard = useLeaveGuard(isDirty, onClose);

  const redrive = useMutation(
    trpc.deadLetters.redrive.mutationOptions({
      onSuccess: async ({ queued, redrives }) => {
        await queries.invalidateQueries({ queryKey: trpc.deadLetters.pathKey() });
        await queries.invalidateQueries({ queryKey: trpc.redrives.pathKey() });
        if (queued === 0 && redrives.every(({ state }) => state !== "planned"))
          notify(
            "Nothing was sent",
            one ? "It was sent again or discarded meanwhile." : "None of them is given up any more, or fits.",
          );
        else if (allStopped) notifyDone(`${formatPlural(queued, "message")} queued`, { description: stoppedWords });
        else
          notifyDone(`${formatPlural(queued, "message")} on the way`, {
            description:
              stopped.length > 0
                ? stoppedWords
                : "A worker sends them now. They stay listed with their state until they are sent.",
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
      ...(one || !pauseAfter.trim() ? {} : { pauseAfter: Number(pauseAfter) }),
      ...(byHand && begin ? { edit: readWritten(begin, written) } : {}),
      ...(change ? { edit: change } : {}),
    };
  }
  const client = useTRPCClient();
  const preview = useMutation({
    mutationFn: (asked: RedriveRequest) => client.deadLetters.preview.query(asked),
  });
  // What was tried is shown as long as it is what would be sent; the pace changes nothing of it.
  const isTried = preview.data !== undefined && sameChoice(preview.variables, request);

  const failure = redrive.error ?? preview.error;
  const refused = failure ? wordsOfError(failure) : null;
  const matched = isTried && preview.data.complete ? preview.data.matched : undefined;
  // How many there are by now, and how many a condition leaves, is known when it was tried.
  const sends = matched ?? (request.where === undefined ? count : undefined);
  const mustTry = sends === undefined && count > typedPast;
  const mustType = sends !== undefined && sends > typedPast;
  const isReady =
    count > 0 &&
    sends !== 0 &&
    !lacksChange &&
    !(isTried && preview.data.editFails > 0) &&
    !(edits && one && !sample.data) &&
    refuseNumber(rate) === null &&
    refuseNumber(pauseAfter) === null &&
    !mustTry &&
    (!mustType || typed === String(sends));
  function wordsOfSend(): string {
    if (one) return isBroken ? "Send it all the same" : "Send again";
    return sends === undefined ? "Send those again" : `Send ${formatCount(sends)} again`;
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && guard.leave()}
      title={one ? "Send the dead letter again" : `Send ${formatPlural(count, "dead letter")} again`}
      width={edits || !one ? "lg" : "md"}
      footer={
        guard.asking ? (
          <>
            <span className="mr-auto self-center">What you wrote here will be lost.</span>
            <Button onClick={guard.stay}>Keep writing</Button>
            <Button variant="danger" onClick={onClose}>
              Close
            </Button>
          </>
        ) : (
          <>
            {one ? null : (
              <Button
                className="mr-auto"
                busy={preview.isPending}
                disabled={lacksChange}
                onClick={() => preview.mutate(request)}
              >
                Dry run
              </Button>
            )}
            <Button onClick={guard.leave}>Cancel</Button>
            <Button
              variant={isBroken ? "danger" : "primary"}
              busy={redrive.isPending}
              disabled={!isReady}
              onClick={() => redrive.mutate(request)}
            >
              {wordsOfSend()}
            </Button>
          </>
        )
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
          <Checkbox id="edit-first" checked={edits} disabled={cannotEdit !== null} onCheckedChange={setEdits} />
          <label htmlFor="edit-first">{one ? "Edit the message first" : "Change each message first"}</label>
          {cannotEdit ? <span className="text-12 text-faint">{cannotEdit}</span> : null}
        </div>
        {byHand ? (
          <LetterByHand
            letter={sample.data}
            written={written}
            isBroken={isBroken}
            came={before && came?.encoding === "text" && !came.truncated ? writeOut(came) : null}
            onChange={(change) => setLetter({ ...typedLetter, ...change })}
          />
        ) : null}
        {edits && !one ? (
          <LetterForm letter={sample.data}>
            <MappingFields draft={mapping} onChange={setMapping} />
          </LetterForm>
        ) : null}
        {one ? null : <PaceFields rate={rate} pauseAfter={pauseAfter} onRate={setRate} onPauseAfter={setPauseAfter} />}
        {isTried ? (
          <PreviewResult preview={preview.data} edits={request.edit !== undefined} told={sample.data?.repeat} />
        ) : null}
        {lacksChange ? <p className="text-12 text-muted">Say what to change in each, or untick it.</p> : null}
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

/** Why a message is not edited by hand. */
function wordsAgainstEdit({ encoding, truncated }: { encoding: string; truncated: boolean }): string | null {
  if (truncated) return "not by hand: it is larger than what is shown of it";
  return encoding === "base64" ? "not for bytes that are no text" : null;
}

function sameChoice(asked: RedriveRequest | undefined, request: RedriveRequest): boolean {
  const choice = ({ rate: _rate, pauseAfter: _pauseAfter, ...rest }: RedriveRequest) => JSON.stringify(rest);
  return asked !== undefined && choice(asked) === choice(request);
}
