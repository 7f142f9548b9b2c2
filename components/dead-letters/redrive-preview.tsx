"use client";

import { useEffect, useRef } from "react";
import type { RedrivePreview } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { Callout } from "../ui/callout";
import { formatCount, formatPlural } from "../ui/formats";
import { Table, Td, Th } from "../ui/table";

/** What a redrive would do: how many fit, some of them before and after, what may happen twice. Nothing was sent. */
export function PreviewResult({ preview, edits }: { preview: RedrivePreview; edits: boolean }) {
  const { matched, looked, complete, skipped, skippedWords, editFails, editWords, sample, repeat } = preview;
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (preview) place.current?.scrollIntoView({ block: "nearest" });
  }, [preview]);
  return (
    <section ref={place} aria-label="Dry run" className="flex flex-col gap-2 border-t pt-3">
      <p className="font-medium">
        {formatCount(matched)} of {formatPlural(looked, "message")} would be sent
        {complete ? "" : ", as far as was looked"}.<span className="font-normal text-muted"> Nothing was sent.</span>
      </p>
      {skipped > 0 ? (
        <Callout tone="warn" title={`The condition fails on ${formatCount(skipped)}: not sent`}>
          <InlineCode text={skippedWords ?? ""} />
        </Callout>
      ) : null}
      {editFails > 0 ? (
        <Callout tone="bad" title={`The edit fails on ${formatCount(editFails)}: none would be sent`}>
          <InlineCode text={editWords ?? ""} />
        </Callout>
      ) : null}
      {repeat.map((words) => (
        <p key={words} className="text-12 text-muted">
          {words}
        </p>
      ))}
      {sample.length > 0 ? (
        <div className="thin-scroll max-h-56 overflow-auto rounded-md border">
          <Table className="table-fixed">
            <thead>
              <tr>
                <Th className="w-28">Key</Th>
                <Th>{edits ? "Before" : "Value"}</Th>
                {edits ? <Th>After</Th> : null}
              </tr>
            </thead>
            <tbody>
              {sample.map((letter) => (
                <tr key={letter.id} className="border-t align-top">
                  <Td className="!h-auto py-1 font-mono text-12">{letter.key ?? `@ ${letter.position}`}</Td>
                  <Payload text={letter.before} />
                  {edits ? (
                    letter.error === null ? (
                      <Payload text={letter.after} />
                    ) : (
                      <Failed words={letter.error} />
                    )
                  ) : null}
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      ) : null}
    </section>
  );
}

function Payload({ text }: { text: string | null }) {
  return (
    <Td className="!h-auto py-1 font-mono text-12">
      <span className="line-clamp-3 break-all">{text}</span>
    </Td>
  );
}

function Failed({ words }: { words: string }) {
  return <Td className="!h-auto whitespace-normal py-1 text-12 text-bad">{words}</Td>;
}
