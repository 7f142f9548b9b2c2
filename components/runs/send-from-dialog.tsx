"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Payload } from "@/flow/control";
import type { RunView } from "@/server/views";
import { prettyJson } from "../form/newest-messages";
import { isJson, notJsonWarning } from "../payload/is-json";
import { useTRPC } from "../trpc/context";
import { AgainDialog, BodyField, FindItsRun } from "./again-dialog";
import { noteWaiting } from "./resend";
import { titleOf } from "./run-titles";

/** Sends what came to a step to that node of the version that runs now, as it was or edited. */
export function SendFromDialog({
  run,
  step,
  payload,
  onClose,
}: {
  run: RunView;
  step: number;
  payload: Payload;
  onClose(): void;
}) {
  const trpc = useTRPC();
  const again = useQuery(trpc.runs.again.queryOptions({ id: run.id, step }, { staleTime: 0, gcTime: 0 }));
  const queries = useQueryClient();
  // The run tells that its message was sent again.
  const reload = () => queries.invalidateQueries({ queryKey: trpc.runs.get.queryKey({ id: run.id }) });
  const send = useMutation(trpc.runs.sendFrom.mutationOptions({ onSuccess: reload }));
  const isText = payload.encoding === "text" && payload.value !== null;
  const before = isText ? prettyJson(payload.value ?? "") : "";
  const [value, setValue] = useState(before);
  const isEdited = isText && value !== before;
  const wasJson = isText && isJson(payload.value ?? "");
  return (
    <AgainDialog
      title={`Send from ${titleOf(run.document, run.detail.steps[step]?.node ?? "")}`}
      description={`What came to this step goes into the node once more, and on from there. What stands before it is not done again.${noteWaiting(run)}`}
      again={again}
      send={send}
      label={isEdited ? "Send edited" : "Send"}
      onSend={() =>
        // What was not edited goes byte for byte as it came.
        send.mutate({ id: run.id, step, ...(isEdited ? { edit: { value, encoding: "text" } } : {}) })
      }
      sent={
        send.data
          ? {
              title: `On its way to version ${send.data.version}`,
              words: (
                <>
                  It goes the way of a dead letter that is sent again, and waits there should it fail.{" "}
                  <FindItsRun text={send.data.letter} />
                </>
              ),
            }
          : null
      }
      onClose={onClose}
    >
      {isText ? (
        <BodyField value={value} hint={wasJson && !isJson(value) ? notJsonWarning : undefined} onChange={setValue} />
      ) : (
        <p className="text-12 text-muted">
          {payload.value === null ? "It has no value (a tombstone)" : "Its bytes are no text"}: it goes as it was.
        </p>
      )}
    </AgainDialog>
  );
}
