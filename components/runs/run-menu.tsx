"use client";

import { CornerDownRight, Ellipsis, FlaskConical, History, Link as LinkIcon, Send, Terminal } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { RunView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { Button } from "../ui/button";
import { Menu, MenuItem, MenuLink, MenuSeparator } from "../ui/menu";
import { notifyDone } from "../ui/toast";
import { readResend, readSendFrom } from "./resend";
import { titleOf } from "./run-titles";
import { SendFromDialog } from "./send-from";

const ResendDialog = dynamic(() => import("./resend-dialog").then((module) => module.ResendDialog), { ssr: false });

/** What can be done with a run beside reading it. */
export function RunMenu({ run, step }: { run: RunView; step: number | null }) {
  const maySend = useHasRole("editor");
  const [sending, setSending] = useState(false);
  const mayEnter = useHasRole("operator");
  const [entering, setEntering] = useState(false);
  const resend = readResend(run);
  const input = step === null ? null : readSendFrom(run, step);
  const copy = async (text: string, words: string) => {
    await navigator.clipboard.writeText(text);
    notifyDone(words);
  };
  return (
    <>
      <Menu
        trigger={
          <Button variant="ghost" aria-label="More" className="w-[30px] !px-0">
            <Ellipsis />
          </Button>
        }
      >
        {maySend ? (
          <>
            <MenuItem
              icon={<Send />}
              disabled={"why" in resend}
              hint={"why" in resend ? resend.why : undefined}
              onSelect={() => setSending(true)}
            >
              Send again from its source…
            </MenuItem>
            {mayEnter && input ? (
              <MenuItem
                icon={<CornerDownRight />}
                disabled={"why" in input}
                hint={"why" in input ? input.why : undefined}
                onSelect={() => setEntering(true)}
              >
                Send from {titleOf(run.document, run.detail.steps[step!]?.node ?? "")}…
              </MenuItem>
            ) : null}
            <MenuSeparator />
          </>
        ) : null}
        <MenuItem
          icon={<LinkIcon />}
          onSelect={() =>
            void copy(
              `${window.location.origin}/runs/${run.id}${step === null ? "" : `?step=${step}`}`,
              "Link to this step copied",
            )
          }
        >
          Copy link to this step
        </MenuItem>
        <MenuItem icon={<Terminal />} onSelect={() => void copy(`npm run flow -- run ${run.id}`, "Command copied")}>
          Copy as command
        </MenuItem>
        {run.from === null ? null : (
          <MenuLink icon={<History />} href={`/runs/${run.from}`}>
            Open the run it came from
          </MenuLink>
        )}
        {maySend && "message" in resend ? (
          <MenuLink icon={<FlaskConical />} href={`/flows/${encodeURIComponent(run.flow)}/tests?run=${run.id}`}>
            Keep as test case…
          </MenuLink>
        ) : null}
      </Menu>
      {sending && "message" in resend ? (
        <ResendDialog run={run} message={resend.message} onClose={() => setSending(false)} />
      ) : null}
      {entering && step !== null && input && "payload" in input ? (
        <SendFromDialog run={run} step={step} payload={input.payload} onClose={() => setEntering(false)} />
      ) : null}
    </>
  );
}
