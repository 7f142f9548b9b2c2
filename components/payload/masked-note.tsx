import { EyeOff } from "lucide-react";
import type { MaskedField } from "@/flow/recorded-fields";

/** Says why a value is not shown, and to whom it is. */
export function MaskedNote({ fields }: { fields: readonly MaskedField[] }) {
  if (fields.length === 0) return null;
  return (
    <p className="flex items-start gap-1.5 px-4 py-2 text-12 text-muted">
      <EyeOff className="mt-0.5 size-3.5 shrink-0" aria-hidden />
      <span>
        ••• hides what the flow masks:{" "}
        {fields.map(({ path, below }, index) => (
          <span key={path}>
            {index > 0 ? ", " : ""}
            <span className="break-all font-mono">{path}</span> (shown from the role {below} on)
          </span>
        ))}
        .
      </span>
    </p>
  );
}
