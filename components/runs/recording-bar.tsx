"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleDot } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { RecordingView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { formatMoment } from "../ui/formats";
import { notifyDone, notifyError } from "../ui/toast";
import { RecordDialog } from "./record-dialog";

/** What is recorded of a flow for a time, with its end and who asked; and the way to ask for more. */
export function RecordingBar({ flow }: { flow: string }) {
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const mayRecord = useHasRole("operator");
  const recordings = useQuery(trpc.recordings.list.queryOptions({ flow }, { refetchInterval: 5_000 }));
  const kept = useQuery(trpc.runs.kept.queryOptions({ flow }, { staleTime: 60_000 }));
  const shown = recordings.data ?? [];
  if (!mayRecord && shown.length === 0) return null;
  return (
    <section
      aria-label="Recorded for a time"
      className="flex shrink-0 items-start gap-3 border-b bg-surface px-4 py-1.5"
    >
      <ul className="flex min-w-0 flex-1 flex-col gap-1">
        {shown.map((recording) => (
          <Recorded key={recording.id} recording={recording} mayStop={mayRecord} />
        ))}
        {shown.length === 0 ? (
          <li className="py-0.5 text-12 text-muted">
            Kept of what goes well: {kept.data ? (kept.data.partly[0]?.kept ?? "all") : "…"}; what failed always is.{" "}
            <Link href={`/flows/${flow}?settings`} className="text-accent underline">
              Change
            </Link>
          </li>
        ) : null}
      </ul>
      {mayRecord ? (
        <Button size="sm" icon={<CircleDot />} onClick={() => setAsking(true)}>
          Record everything of…
        </Button>
      ) : null}
      {asking ? <RecordDialog flow={flow} onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function Recorded({ recording, mayStop }: { recording: RecordingView; mayStop: boolean }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const stop = useMutation(
    trpc.recordings.stop.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.recordings.pathKey() });
        notifyDone("Not recorded any more; what was recorded stays");
      },
      onError: (error) => notifyError("It is still recorded", error),
    }),
  );
  return (
    <li className="flex min-w-0 items-center gap-2 text-12">
      <CircleDot className="size-3.5 shrink-0 text-accent" aria-hidden />
      <span className="min-w-0 truncate">
        Recording everything where <code className="font-mono">{recording.condition}</code>
      </span>
      <span className="shrink-0 text-muted">
        until {formatMoment(recording.endsAt)} · asked by {recording.by}
      </span>
      {mayStop ? (
        <Button size="sm" variant="ghost" busy={stop.isPending} onClick={() => stop.mutate({ id: recording.id })}>
          Stop
        </Button>
      ) : null}
    </li>
  );
}
