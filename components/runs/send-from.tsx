"use client";

import { CornerDownRight } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { RunView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { Button } from "../ui/button";
import { readSendFrom } from "./resend";

export const SendFromDialog = dynamic(() => import("./send-from-dialog").then((module) => module.SendFromDialog), {
  ssr: false,
});

/** Sends what came to a step to its node again. Why that cannot be is said by the run's menu. */
export function SendFrom({ run, step }: { run: RunView; step: number }) {
  const maySend = useHasRole("operator");
  const [sending, setSending] = useState(false);
  const input = readSendFrom(run, step);
  if (!maySend || "why" in input) return null;
  return (
    <>
      <Button variant="ghost" onClick={() => setSending(true)}>
        <CornerDownRight />
        Send from here…
      </Button>
      {sending ? (
        <SendFromDialog run={run} step={step} payload={input.payload} onClose={() => setSending(false)} />
      ) : null}
    </>
  );
}
