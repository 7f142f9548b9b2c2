"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PlainMessage } from "@/flow/control";
import type { RunView } from "@/server/views";
import { HeadersField } from "../form/headers-field";
import { KeyField } from "../form/key-field";
import { prettyJson } from "../form/newest-messages";
import { isJson, notJsonWarning } from "../payload/is-json";
import { useTRPC } from "../trpc/context";
import { AgainDialog, BodyField, FindItsRun } from "./again-dialog";
import { noteWaiting } from "./resend";
import { titleOf } from "./run-titles";

/** Sends the message of a run once more from its source, as it came or edited. */
export function ResendDialog({ run, message, onClose }: { run: RunView; message: PlainMessage; onClose(): void }) {
  const trpc = useTRPC();
  const [draft, setDraft] = useState<PlainMessage>({
    ...message,
    value: message.value === null || message.encoding === "base64" ? message.value : prettyJson(message.value),
  });
  // Asked each time: another version may run by now.
  const again = useQuery(trpc.runs.again.queryOptions({ id: run.id }, { staleTime: 0, gcTime: 0 }));
  const queries = useQueryClient();
  // The run tells that its message was sent again.
  const reload = () => queries.invalidateQueries({ queryKey: trpc.runs.get.queryKey({ id: run.id }) });
  const send = useMutation(trpc.messages.send.mutationOptions({ onSuccess: reload }));
  const set = (change: Partial<PlainMessage>) => setDraft({ ...draft, ...change });
  const source = run.document.nodes.find(({ id }) => id === run.source);
  const asJson = (source?.config.codec ?? "json") === "json" && draft.encoding === "text";
  const broken = asJson && draft.value !== null && !isJson(draft.value);
  const same = draft.value !== null && message.value !== null && draft.value === prettyJson(message.value);
  return (
    <AgainDialog
      title={`Send again from ${titleOf(run.document, run.source)}`}
      description={`As a new message at its source, in a trace of its own.${noteWaiting(run)}`}
      again={again}
      send={send}
      onSend={() =>
        // What was not edited goes byte for byte as it came.
        send.mutate({
          flow: run.flow,
          node: run.source,
          message: same ? { ...draft, value: message.value } : draft,
          run: run.id,
        })
      }
      sent={send.data ? { title: "Sent", words: <Sent {...send.data} /> } : null}
      onClose={onClose}
    >
      <KeyField value={draft.key} onChange={(key) => set({ key })} />
      <BodyField
        value={draft.value}
        hint={broken ? notJsonWarning : draft.encoding === "base64" ? "Bytes, as base64." : undefined}
        onChange={(value) => set({ value })}
      />
      <HeadersField headers={draft.headers} onChange={(headers) => set({ headers })} />
    </AgainDialog>
  );
}

/** The place, written as it is searched by. */
function Sent({ lane, position }: { lane: string; position: string }) {
  return (
    <>
      It is at <span className="font-mono">{`${lane} @ ${position}`}</span>. <FindItsRun text={`${lane}@${position}`} />
    </>
  );
}
