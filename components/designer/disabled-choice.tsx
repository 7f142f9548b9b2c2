"use client";

import { type Disabled, waysToDisable } from "@/flow/disabled";
import type { FlowNode } from "@/flow/document";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Select } from "../ui/select";
import { useDesigner, useDesignerStore } from "./context";
import { setDisabled } from "./edit-disabled";

const options: Readonly<Record<Disabled, { label: string; hint: string }>> = {
  pass: { label: "Pass messages on", hint: "As they come, by its first port." },
  drop: { label: "Drop messages", hint: "What comes to it ends there, counted." },
  block: { label: "Let nothing in", hint: "Messages wait at their source; none is lost." },
};

/** Above the settings of a disabled node: what it does meanwhile, and the way back. */
export function DisabledChoice({ node }: { node: FlowNode }) {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const ways = waysToDisable(node);
  const set = (way: Disabled | undefined) => {
    const { document, apply } = store.getState();
    apply(setDisabled(document, [node.id], way));
  };
  return (
    <Callout
      tone="idle"
      title="This node is disabled"
      action={
        readOnly ? undefined : (
          <Button size="sm" onClick={() => set(undefined)}>
            Enable
          </Button>
        )
      }
    >
      {ways.length === 1 ? (
        "It does not read until it is enabled."
      ) : (
        <Select<Disabled>
          label="What it does meanwhile"
          value={node.disabled}
          onValueChange={set}
          disabled={readOnly}
          options={ways.map((value) => ({ value, ...options[value] }))}
        />
      )}
    </Callout>
  );
}
