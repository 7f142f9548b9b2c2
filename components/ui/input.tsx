import clsx from "clsx";
import { Search } from "lucide-react";
import type { ComponentProps } from "react";

/** Classes shared by all that is typed into. */
export const inputClass =
  "w-full min-w-0 rounded-md border border-line-strong bg-bg px-2 py-1 text-13 text-text transition-colors hover:border-faint focus-visible:border-focus aria-invalid:border-bad disabled:opacity-60";

export function Input({ mono = false, className, ...rest }: ComponentProps<"input"> & { mono?: boolean }) {
  return <input className={clsx(inputClass, "h-[30px]", mono && "font-mono", className)} {...rest} />;
}

export function Textarea({ mono = false, className, ...rest }: ComponentProps<"textarea"> & { mono?: boolean }) {
  return (
    <textarea className={clsx(inputClass, "thin-scroll min-h-20 resize-y", mono && "font-mono", className)} {...rest} />
  );
}

/** A field to search in; its label is read out. */
export function SearchInput({ label, className, ...rest }: ComponentProps<"input"> & { label: string }) {
  return (
    <div className={clsx("relative", className)}>
      <Search className="pointer-events-none absolute left-2 top-2 size-3.5 text-faint" aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        className={clsx(inputClass, "h-[30px] pl-7")}
        {...rest}
      />
    </div>
  );
}
