"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { readResend, writeCaseLine } from "../runs/resend";
import { useTRPC } from "../trpc/context";
import { notifyError } from "../ui/toast";
import { ImportDialog } from "./import-dialog";

/** Makes a case of the message that a run is of, as it came to its source. */
export function ImportFromRun({ id, onClose, onKept }: { id: string; onClose(): void; onKept(name: string): void }) {
  const trpc = useTRPC();
  const run = useQuery(trpc.runs.get.queryOptions({ id }, { staleTime: 60_000 }));
  const read = run.data ? readResend(run.data) : null;
  const why = run.error ?? (read && "why" in read ? new Error(read.why) : null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once for each refusal
  useEffect(() => {
    if (!why) return;
    notifyError("No case can be made of this run", why);
    onClose();
  }, [why?.message]);
  if (!run.data || !read || "why" in read) return null;
  return (
    <ImportDialog
      begin={{ text: writeCaseLine(read.message), at: run.data.source }}
      onClose={onClose}
      onKept={onKept}
    />
  );
}
