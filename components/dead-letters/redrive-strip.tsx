"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import type { RedriveView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { useTRPC } from "../trpc/context";
import { Button, IconButton } from "../ui/button";
import { Dot } from "../ui/tag";
import { notifyError } from "../ui/toast";
import { type RedriveWords, wordsOfRedrive } from "./redrive-words";

/** One that ended stays in sight for so long. */
const shownAfterEndMs = 120_000;

/** What is being sent again, and how far it came, with pause and stop; read from the server, so that a reload finds it again. */
export function RedriveStrip({
  flow,
  running,
  onShow,
}: {
  flow: string | undefined;
  running: ReadonlySet<string> | undefined;
  /** Lists the letters of one, whatever became of them. */
  onShow(redrive: RedriveView): void;
}) {
  const trpc = useTRPC();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const redrives = useQuery(
    trpc.redrives.list.queryOptions(flow ? { flow, limit: 20 } : { limit: 20 }, {
      refetchInterval: ({ state }) => (state.data?.some(isOpen) ? 1_000 : 5_000),
    }),
  );
  const queries = useQueryClient();
  const progress = (redrives.data ?? []).map(({ id, state, left, sent, failedAgain }) =>
    [id, state, left, sent, failedAgain].join(" "),
  );
  // What is counted beside it goes along with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when something was sent, and only then
  useEffect(() => {
    const { groups, counts } = trpc.deadLetters;
    for (const queryKey of [groups.queryKey(), counts.queryKey()]) void queries.invalidateQueries({ queryKey });
  }, [progress.join()]);
  const now = Date.now();
  const shown = (redrives.data ?? []).filter(
    (each) => isOpen(each) || (!hidden.has(each.id) && now - (each.endedAt?.getTime() ?? 0) < shownAfterEndMs),
  );
  if (shown.length === 0) return null;
  return (
    <section aria-label="Sending again" className="thin-scroll max-h-48 shrink-0 overflow-auto border-b bg-surface">
      {shown.map((redrive) => (
        <Progress
          key={redrive.id}
          redrive={redrive}
          words={wordsOfRedrive(redrive, running === undefined || running.has(redrive.flow))}
          onShow={() => onShow(redrive)}
          onHide={() => setHidden((before) => new Set(before).add(redrive.id))}
        />
      ))}
    </section>
  );
}

const isOpen = ({ state }: RedriveView) => state !== "done" && state !== "stopped";

function Progress({
  redrive,
  words,
  onShow,
  onHide,
}: {
  redrive: RedriveView;
  words: RedriveWords;
  onShow(): void;
  onHide(): void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const mayRedrive = useHasRole("operator");
  const options = {
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: trpc.redrives.pathKey() });
      await queries.invalidateQueries({ queryKey: trpc.deadLetters.pathKey() });
    },
    onError: (error: unknown) => notifyError("That did not work", error),
  };
  const pause = useMutation(trpc.redrives.pause.mutationOptions(options));
  const resume = useMutation(trpc.redrives.resume.mutationOptions(options));
  const stop = useMutation(trpc.redrives.stop.mutationOptions(options));
  const { id, flowTitle, state, asked } = redrive;
  const over = redrive.sent + redrive.failedAgain + redrive.refused;
  return (
    <div className="flex items-center gap-3 border-t px-4 py-2 first:border-t-0" data-redrive={state}>
      <Dot tone={words.tone} pulse={state === "running" && words.tone === "accent"} />
      <div className="min-w-0 flex-1">
        <p>
          <span className="font-medium">{words.title}</span> <span className="text-muted">{words.progress}</span>
        </p>
        <p className="line-clamp-2 break-words text-12 text-muted" title={words.detail}>
          {words.detail}
        </p>
      </div>
      <div
        role="progressbar"
        aria-label={`Sent of ${flowTitle}`}
        aria-valuemin={0}
        aria-valuemax={asked}
        aria-valuenow={over}
        className="h-1.5 w-40 shrink-0 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full bg-accent transition-[width] duration-200 motion-reduce:transition-none"
          style={{ width: `${asked === 0 ? 0 : (over / asked) * 100}%` }}
        />
      </div>
      <Button size="sm" variant="ghost" onClick={onShow}>
        Show them
      </Button>
      {!isOpen(redrive) ? (
        <IconButton label="Hide" size="sm" onClick={onHide}>
          <X />
        </IconButton>
      ) : mayRedrive ? (
        <span className="flex gap-1">
          {state === "paused" ? (
            <Button size="sm" busy={resume.isPending} onClick={() => resume.mutate({ id })}>
              Resume
            </Button>
          ) : (
            <Button size="sm" busy={pause.isPending} onClick={() => pause.mutate({ id })}>
              Pause
            </Button>
          )}
          <Button
            size="sm"
            busy={stop.isPending}
            title="What was not sent yet is given up as before, to be sent later"
            onClick={() => stop.mutate({ id })}
          >
            Stop
          </Button>
        </span>
      ) : null}
    </div>
  );
}
