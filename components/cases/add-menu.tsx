"use client";

import { Download, FileUp, PenLine, Plus } from "lucide-react";
import { nameCase } from "@/flow/name-case";
import { useDesigner, useDesignerStore } from "../designer/context";
import { sourcesOf } from "../designer/try-it";
import { Button } from "../ui/button";
import { Menu, MenuItem } from "../ui/menu";
import { addCases, casesOf, refuseCases } from "./edit-cases";
import type { Adding } from "./tests-page";

/** Ways to a new case. */
export function AddMenu({ onAdding, onOpen }: { onAdding(what: Adding): void; onOpen(name: string): void }) {
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const source = sourcesOf(document)[0];
  const full = refuseCases(document, 1);
  if (!source) return null;
  function add(at: string) {
    const { document: drawn, apply } = store.getState();
    const message = { body: {} };
    const name = nameCase(drawn, at, message, new Set(casesOf(drawn).map((each) => each.name)));
    apply(addCases(drawn, [{ name, at, message, expect: {} }]));
    onOpen(name);
  }
  const held = full === null ? {} : { disabled: true, hint: full };
  return (
    <Menu trigger={<Button icon={<Plus />}>Add cases</Button>}>
      <MenuItem icon={<Download />} {...held} onSelect={() => onAdding("capture")}>
        Capture messages
      </MenuItem>
      <MenuItem icon={<PenLine />} {...held} onSelect={() => add(source.id)}>
        Write one by hand
      </MenuItem>
      <MenuItem icon={<FileUp />} {...held} onSelect={() => onAdding("import")}>
        Import lines of JSON
      </MenuItem>
    </Menu>
  );
}
