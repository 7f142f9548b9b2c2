import type { FlowNode } from "@/flow/document";
import { titleOfNode } from "../drawing/kinds";
import { Field } from "../ui/field";
import { Select } from "../ui/select";

/** Chooses the source at which messages come. */
export function SourceField(props: {
  label: string;
  sources: readonly FlowNode[];
  value: string;
  onValueChange(id: string): void;
  className?: string;
}) {
  const { label, sources, value, onValueChange, className } = props;
  return (
    <Field label={label} className={className}>
      {(control) => (
        <Select
          {...control}
          value={value}
          onValueChange={onValueChange}
          options={sources.map((node) => ({ value: node.id, label: titleOfNode(node) }))}
        />
      )}
    </Field>
  );
}
