"use client";

import clsx from "clsx";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../ui/button";

/** Copies text, and says so for a moment. */
export function CopyButton({ text, label = "Copy", className }: { text: string; label?: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  }
  return (
    <IconButton size="sm" label={copied ? "Copied" : label} onClick={() => void copy()} className={className ?? ""}>
      {copied ? <Check className="text-ok" /> : <Copy />}
    </IconButton>
  );
}

/** Data as text, in the monospaced face, with a way to copy it. React escapes it. */
export function CodeBlock({
  text,
  wrap = false,
  className,
  copy = true,
}: {
  text: string;
  wrap?: boolean;
  className?: string;
  copy?: boolean;
}) {
  return (
    <div className={clsx("group relative rounded-md border bg-sunken", className)}>
      <pre
        className={clsx(
          "thin-scroll overflow-auto px-3 py-2 font-mono text-12 leading-[19px]",
          wrap && "whitespace-pre-wrap break-words",
          wrap && copy && "!pr-9",
        )}
      >
        {text}
      </pre>
      {copy ? <CopyButton text={text} className="absolute right-1 top-1 bg-sunken" /> : null}
    </div>
  );
}
