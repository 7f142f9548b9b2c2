"use client";

import { Ellipsis, FlaskConical, Link as LinkIcon, Send, Terminal } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { RunView } from "@/server/views";
import { useHasRole } from "../shell/session";
import { Button } from "../ui/button";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import { notifyDone } from "../ui/toast";
import { readResend, writeCaseLine } from "./resend";

const ResendDialog = dynamic(() => import("./resend-dialog").then((module) => module.ResendDialog), { ssr: false });

/** What can be done with a run beside reading it. */
export function RunMenu({ run, step }: { run: RunView; step: number | null }) {
  const maySend = useHasRole("editor");
  const [sending, setSending] = useState(false);
  const resend = readResend(run);
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
        {"message" in resend ? (
          <MenuItem
            icon={<FlaskConical />}
            onSelect={() =>
              void copy(writeCaseLine(resend.message), "Copied: add it under Tests, Add cases, Import lines")
            }
          >
            Copy as test case
          </MenuItem>
        ) : null}
      </Menu>
      {sending && "message" in resend ? (
        <ResendDialog run={run} message={resend.message} onClose={() => setSending(false)} />
      ) : null}
    </>
  );
}
