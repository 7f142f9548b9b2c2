"use client";

import { useState } from "react";
import { Field } from "../ui/field";
import { Input, Textarea } from "../ui/input";
import { Markdown } from "../ui/markdown";
import { useDesigner, useDesignerStore } from "./context";
import { changeNode, nodeOf, renameNode } from "./edit";

/** What a person writes about a node, and the id that everything else names it by. */
export function Notes({ id }: { id: string }) {
  const store = useDesignerStore();
  const node = useDesigner((state) => nodeOf(state.document, id))!;
  const readOnly = useDesigner((state) => state.readOnly);
  return (
    <div className="flex flex-col gap-4">
      <Field
        label="Notes"
        hint="In Markdown, kept in the flow file. The node shows that it has some, and what on hover. They change nothing about what runs."
      >
        {(control) => (
          <Textarea
            {...control}
            className="min-h-32"
            readOnly={readOnly}
            value={node.notes ?? ""}
            placeholder="Why it is as it is, whom to ask"
            onChange={(event) => {
              const { document, apply } = store.getState();
              apply(changeNode(document, id, { notes: event.target.value }), { group: `${id}.notes` });
            }}
          />
        )}
      </Field>
      {node.notes?.trim() ? (
        <section aria-label="Notes as they are shown" className="rounded-md border border-line bg-sunken p-3">
          <Markdown text={node.notes} />
        </section>
      ) : null}
      <NodeId id={id} />
    </div>
  );
}

/** The id that wires, runs and dead letters name the node by. Written when it is whole and free. */
function NodeId({ id }: { id: string }) {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const [text, setText] = useState(id);
  const taken = useDesigner((state) => text !== id && nodeOf(state.document, text) !== undefined);
  const malformed = !/^[a-z0-9-]+$/.test(text);
  const commit = () => {
    const { document, apply } = store.getState();
    if (text === id || taken || malformed) return setText(id);
    apply(renameNode(document, id, text), { select: [text] });
  };
  return (
    <Field
      label="Id"
      hint="Names the node in the flow file, in runs and in dead letters. A source with another id is another consumer: it begins anew."
      error={
        taken
          ? "Another node has this id."
          : malformed
            ? "An id has lower-case letters, digits and hyphens."
            : undefined
      }
    >
      {(control) => (
        <Input
          {...control}
          mono
          value={text}
          readOnly={readOnly}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => event.key === "Enter" && commit()}
        />
      )}
    </Field>
  );
}
