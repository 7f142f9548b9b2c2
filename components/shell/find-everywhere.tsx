"use client";

import { Command } from "cmdk";
import { StickyNote, Waypoints } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Hit } from "@/flow/find";
import type { FlowSearch } from "@/server/views";
import { writePlace } from "../designer/go-to";
import { KindChip } from "../drawing/kind-chip";
import { findKind, titleOfNode } from "../drawing/kinds";
import { fieldTitle } from "../form/field-title";
import { wordsOfError } from "../ui/error-words";
import { CommandBox } from "./command-box";
import { useCommands } from "./commands";
import { useSearch } from "./use-search";

type FoundFlow = FlowSearch["flows"][number];

/** Ctrl+Shift+F: where a text stands in all flows; a result leads to its node and field. */
export function FindEverywhere() {
  const open = useCommands((state) => state.open === "find");
  const close = useCommands((state) => state.close);
  const router = useRouter();
  const [text, setText] = useState("");
  const { found, error, waits, tooShort } = useSearch(text, open);
  const go = (flow: string, hit: Hit) => {
    close("find");
    if (!useCommands.getState().goHere?.(flow, hit))
      router.push(`/flows/${encodeURIComponent(flow)}?${writePlace(hit)}`);
  };
  const flows = found?.flows ?? [];
  return (
    <CommandBox
      open={open}
      onOpenChange={(next) => !next && close("find")}
      label="Find in all flows"
      shouldFilter={false}
      className="top-[10vh] w-[720px]"
      listClassName="max-h-[64vh]"
      text={text}
      onText={setText}
      placeholder="Find an id, a topic, an expression, a note in all flows"
    >
      <p role="status" className="px-2.5 py-1 text-12 text-muted empty:hidden">
        {error
          ? wordsOfError(error).message
          : tooShort
            ? "Two letters are enough to begin."
            : waits && flows.length === 0
              ? "Looking…"
              : flows.length === 0
                ? "It stands nowhere in the drafts of the flows."
                : found?.cut
                  ? "There is more than is shown: write more of it."
                  : ""}
      </p>
      {tooShort ? null : flows.map((flow) => <Found key={flow.name} flow={flow} onGo={(hit) => go(flow.name, hit)} />)}
    </CommandBox>
  );
}

function Found({ flow, onGo }: { flow: FoundFlow; onGo(hit: Hit): void }) {
  return (
    <Command.Group
      heading={
        <span className="flex items-center gap-1.5 px-2.5 pb-1 pt-2 text-12 font-medium text-faint [&_svg]:size-3.5">
          <Waypoints aria-hidden />
          {flow.title}
        </span>
      }
    >
      {flow.hits.map((hit) => {
        const node = hit.in === "node" ? flow.nodes.find(({ id }) => id === hit.id) : undefined;
        const kind = node && findKind(node.kind);
        const whole = node ? titleOfNode({ ...node, config: {} }) : whats[hit.in];
        return (
          <Command.Item
            key={`${hit.in}/${hit.id}/${hit.field}`}
            value={`${flow.name}/${hit.in}/${hit.id}/${hit.field}`}
            onSelect={() => onGo(hit)}
            className="flex cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 data-[selected=true]:bg-accent-soft"
          >
            {node ? <KindChip kind={kind} /> : <StickyNote className="mx-1 size-4 shrink-0 text-muted" aria-hidden />}
            <span className="min-w-0 flex-1">
              {whole} <span className="text-muted">· {fieldTitle(kind, hit.field)}</span>
              <span className="block truncate font-mono text-12 text-muted">
                {hit.text.slice(0, hit.at)}
                <mark className="rounded-sm bg-accent-soft px-px font-semibold text-text">
                  {hit.text.slice(hit.at, hit.at + hit.length)}
                </mark>
                {hit.text.slice(hit.at + hit.length)}
              </span>
            </span>
          </Command.Item>
        );
      })}
    </Command.Group>
  );
}

const whats = { node: "Node", note: "Note", group: "Group", flow: "The flow" } as const;
