import { Fragment } from "react";

const parts = /(`[^`]+`|\*[A-Z][^*`\n]*[^*`\s]\*)/;

/** Words with `code` and *Names of settings* in them. Everything stays text: nothing else is read as markup. */
export function InlineCode({ text }: { text: string }) {
  return text.split(parts).map((part, index) => {
    const inner = part.slice(1, -1);
    // biome-ignore-start lint/suspicious/noArrayIndexKey: parts of one text keep their places
    if (index % 2 === 0) return <Fragment key={index}>{part}</Fragment>;
    if (part.startsWith("*")) return <strong key={index}>{inner}</strong>;
    return (
      <code key={index} className="font-mono text-[0.95em]">
        {inner}
      </code>
    );
    // biome-ignore-end lint/suspicious/noArrayIndexKey: parts of one text keep their places
  });
}
