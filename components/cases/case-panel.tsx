"use client";

import { Copy, Ellipsis, Pencil, Play, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { TestCase } from "@/flow/test-case";
import { useDesigner, useDesignerStore } from "../designer/context";
import { callersOf } from "../trial/call-answers";
import { Button, IconButton } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import { TabPanel, Tabs } from "../ui/tabs";
import { Tag } from "../ui/tag";
import { notifyDone } from "../ui/toast";
import { CaseAnswers, CaseExpectation, CaseMessage } from "./case-form";
import { stateWords } from "./case-list";
import { CaseOutcome } from "./case-outcome";
import { duplicateCase, refuseName, removeCase, replaceCase } from "./edit-cases";
import { standingOf } from "./run-cases";

type Tab = "outcome" | "message" | "expected" | "answers";

/** One case: what came of it, its message, what it expects, how calls are answered. */
export function CasePanel({ own, onOpen, onRun }: { own: TestCase; onOpen(name: string): void; onRun(): void }) {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const cases = useDesigner((state) => state.cases);
  const readOnly = useDesigner((state) => state.readOnly);
  const [tab, setTab] = useState<Tab>("outcome");
  const [renaming, setRenaming] = useState(false);
  const { state, result } = standingOf(own, cases);
  const words = stateWords[state];
  const change = (next: TestCase) => {
    const { document: drawn, apply } = store.getState();
    // Typing in one field is one step back.
    apply(replaceCase(drawn, own.name, next), { group: `case:${own.name}:${tab}` });
  };
  const answers = callersOf(document).length > 0 || own.answers !== undefined;
  return (
    <aside aria-label={`Case ${own.name}`} className="flex min-h-0 flex-col border-l bg-surface">
      <div className="flex items-center gap-2 px-4 py-2.5">
        {renaming ? (
          <Rename own={own} onDone={() => setRenaming(false)} onOpen={onOpen} />
        ) : (
          <>
            <h2 className="min-w-0 flex-1 truncate text-14 font-semibold">{own.name}</h2>
            <Tag tone={words.tone}>{words.words}</Tag>
            <IconButton label="Run this case" onClick={onRun}>
              <Play />
            </IconButton>
            {readOnly ? null : (
              <Menu
                align="end"
                trigger={
                  <Button variant="ghost" aria-label="More about this case" className="!w-[30px] !px-0">
                    <Ellipsis />
                  </Button>
                }
              >
                <MenuItem icon={<Pencil />} onSelect={() => setRenaming(true)}>
                  Rename
                </MenuItem>
                <MenuItem
                  icon={<Copy />}
                  onSelect={() => {
                    const copy = duplicateCase(store.getState().document, own.name);
                    store.getState().apply(copy.document);
                    onOpen(copy.name);
                  }}
                >
                  Duplicate
                </MenuItem>
                <MenuSeparator />
                <MenuItem
                  icon={<Trash2 />}
                  danger
                  onSelect={() => {
                    store.getState().apply(removeCase(store.getState().document, own.name));
                    notifyDone(`Deleted case “${own.name}”`, {
                      action: { label: "Undo", onClick: () => store.getState().undo() },
                    });
                  }}
                >
                  Delete
                </MenuItem>
              </Menu>
            )}
          </>
        )}
      </div>
      <Tabs<Tab>
        label="Case"
        value={tab}
        onValueChange={setTab}
        className="min-h-0 flex-1"
        tabs={[
          {
            value: "outcome",
            label: state === "failed" ? "Differences" : "Outcome",
            count: result?.differences.length ?? 0,
          },
          { value: "message", label: "Message" },
          { value: "expected", label: "Expected" },
          ...(answers ? [{ value: "answers" as const, label: "Answers" }] : []),
        ]}
      >
        <TabPanel value="outcome">
          <CaseOutcome own={own} state={state} result={result} onChange={readOnly ? undefined : change} />
        </TabPanel>
        <TabPanel value="message" className="p-4">
          <CaseMessage own={own} onChange={change} readOnly={readOnly} />
        </TabPanel>
        <TabPanel value="expected" className="p-4">
          <CaseExpectation own={own} trial={result?.trial} onChange={change} readOnly={readOnly} />
        </TabPanel>
        <TabPanel value="answers" className="p-4">
          <CaseAnswers own={own} onChange={change} readOnly={readOnly} />
        </TabPanel>
      </Tabs>
    </aside>
  );
}

function Rename({ own, onDone, onOpen }: { own: TestCase; onDone(): void; onOpen(name: string): void }) {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const [typed, setTyped] = useState(own.name);
  const refused = refuseName(document, typed, own.name);
  function rename(event: FormEvent) {
    event.preventDefault();
    if (refused) return;
    const name = typed.trim();
    store.getState().apply(replaceCase(store.getState().document, own.name, { ...own, name }));
    onDone();
    onOpen(name);
  }
  return (
    <form onSubmit={rename} className="flex min-w-0 flex-1 items-end gap-2">
      <Field label="Name of the case" error={refused} className="min-w-0 flex-1">
        {(control) => (
          <Input
            {...control}
            autoFocus
            value={typed}
            maxLength={120}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && onDone()}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" disabled={refused !== null}>
        Rename
      </Button>
    </form>
  );
}
