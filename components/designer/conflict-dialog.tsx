"use client";

import { useMemo, useState } from "react";
import { type Collision, mergeFlows, type Side } from "@/flow/merge";
import { findKind, titleOfNode } from "../drawing/kinds";
import { fieldTitle } from "../form/field-title";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { useDesigner, useDesignerStore } from "./context";

/** Both changed the same: each such field with both values, to be chosen one by one. Everything else is merged already. */
export function ConflictDialog() {
  const store = useDesignerStore();
  const save = useDesigner((state) => state.save);
  const document = useDesigner((state) => state.document);
  const base = useDesigner((state) => state.savedDocument);
  const [later, setLater] = useState<number | null>(null);
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const collisions = useMemo(
    () => (save.is === "conflict" ? mergeFlows(base, document, save.theirDraft).collisions : []),
    [save, base, document],
  );
  if (save.is !== "conflict") return null;
  const sideOf = (id: string): Side => choices.get(id) ?? "mine";
  const chooseAll = (side: Side) => setChoices(new Map(collisions.map(({ id }) => [id, side])));
  const nameOf = (collision: Collision) => {
    const { of } = collision;
    const node =
      of?.list === "nodes" && [document, save.theirDraft].flatMap((each) => each.nodes).find(({ id }) => id === of.id);
    const whole = of ? (node ? titleOfNode(node) : `${words[of.list]} ${of.id}`) : "The flow";
    if (collision.field === "") return whole;
    const kind = node ? findKind(node.kind) : undefined;
    return `${whole} · ${fieldTitle(kind, collision.field)}`;
  };
  const theirName = save.updatedBy || "the other";
  return (
    <>
      <Dialog
        open={later !== save.theirs}
        onOpenChange={(open) => !open && setLater(save.theirs)}
        title="You both changed the same"
        width="lg"
        description={
          <>
            {theirName} saved while you were drawing. What you changed in different places goes together by itself; here
            you say whose stays. Nothing is written until then, and undo brings back what you give up.
          </>
        }
        footer={
          <>
            <span className="mr-auto flex gap-2">
              <Button onClick={() => chooseAll("mine")}>All mine</Button>
              <Button onClick={() => chooseAll("theirs")}>All of {theirName}</Button>
            </span>
            <Button variant="primary" onClick={() => store.getState().settle(sideOf)}>
              Save the choice
            </Button>
          </>
        }
      >
        <ul className="flex flex-col gap-4">
          {collisions.map((collision) => (
            <li key={collision.id}>
              <fieldset>
                <legend className="mb-1 font-medium">{nameOf(collision)}</legend>
                <div className="grid grid-cols-2 gap-2">
                  {(["mine", "theirs"] as const).map((side) => (
                    <label
                      key={side}
                      className="flex min-w-0 cursor-pointer items-start gap-2 rounded-md border border-line p-2 has-[:checked]:border-accent has-[:checked]:bg-accent-soft"
                    >
                      <input
                        type="radio"
                        name={collision.id}
                        className="mt-0.5 accent-(--accent)"
                        checked={sideOf(collision.id) === side}
                        onChange={() => setChoices(new Map([...choices, [collision.id, side]]))}
                      />
                      <span className="min-w-0 flex-1">
                        <span className="block text-12 text-muted">{side === "mine" ? "Yours" : theirName}</span>
                        <Shown value={collision[side]} />
                      </span>
                    </label>
                  ))}
                </div>
              </fieldset>
            </li>
          ))}
        </ul>
        {collisions.length === 0 ? <p className="text-muted">Nothing collides any more. Save to go on.</p> : null}
      </Dialog>
      {later === save.theirs ? (
        <Button size="sm" onClick={() => setLater(null)}>
          Decide
        </Button>
      ) : null}
    </>
  );
}

const words = { nodes: "Node", notes: "Note", groups: "Group", tests: "Case" } as const;

function Shown({ value }: { value: unknown }) {
  if (value === undefined) return <span className="italic text-muted">removed, or not set</span>;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return (
    <span className="thin-scroll block max-h-32 overflow-auto whitespace-pre-wrap break-words font-mono text-12">
      {text === "" ? "“”" : text}
    </span>
  );
}
