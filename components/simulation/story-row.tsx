"use client";

import clsx from "clsx";
import { ChevronRight, Undo2 } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { InlineCode } from "../drawing/inline-code";
import { prettyJson } from "../form/newest-messages";
import { CodeBlock } from "../payload/code-block";
import type { ShownRequest } from "./view";

/** One thing that happens, with its payload behind it. */
export function StoryRow({
  mark,
  title,
  line,
  error,
  back = false,
  open: initial = false,
  children,
}: {
  mark: ReactNode;
  title: ReactNode;
  line: string | null;
  error?: string | undefined;
  back?: boolean;
  open?: boolean;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(initial);
  const id = useId();
  const head = (
    <>
      <span className="mt-px grid w-[18px] shrink-0 place-items-center self-start pt-[3px]">{mark}</span>
      <span className="min-w-0 flex-1 text-left">
        <span className="block">{title}</span>
        {line ? (
          <span className={clsx("flex items-center gap-1 font-mono text-12", back ? "text-undo" : "text-muted")}>
            {back ? <Undo2 className="size-3 shrink-0" aria-hidden /> : null}
            <span className="min-w-0 truncate" title={line}>
              {line}
            </span>
          </span>
        ) : null}
        {error ? (
          <span className="block break-words text-12 text-bad">
            <InlineCode text={error} />
          </span>
        ) : null}
      </span>
    </>
  );
  if (!children) return <li className="flex items-center gap-2.5 px-4 py-1">{head}</li>;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        className="flex w-full items-center gap-2.5 px-4 py-1 hover:bg-hover"
        onClick={() => setOpen(!open)}
      >
        {head}
        <ChevronRight
          className={clsx("size-4 shrink-0 text-faint transition-transform", open && "rotate-90")}
          aria-hidden
        />
      </button>
      {open ? (
        <div id={id} className="flex flex-col gap-2 pt-1 pr-4 pb-2 pl-11">
          {children}
        </div>
      ) : null}
    </li>
  );
}

/** What is sent, as text. */
export function RequestText({ request }: { request: ShownRequest }) {
  if (request.line === null) return <p className="text-12 text-faint">It cannot be sent like that.</p>;
  const headers = request.headers.filter(([name]) => name !== "content-type");
  if (request.body === null && headers.length === 0) return <p className="text-12 text-faint">Sent without a body.</p>;
  const lines = [
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(headers.length > 0 && request.body !== null ? [""] : []),
    ...(request.body === null ? [] : [prettyJson(request.body)]),
  ];
  return <CodeBlock text={lines.join("\n")} wrap copy={false} />;
}
