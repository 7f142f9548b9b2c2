"use client";

import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Activity, Box, Keyboard, Monitor, Moon, Play, Plus, Search, Sun, Undo2, Waypoints } from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useMemo, useState } from "react";
import { useTRPC } from "../trpc/context";
import { useLive } from "../trpc/use-live";
import { Kbd } from "../ui/kbd";
import { wordsOfDeployment } from "../ui/state-words";
import { CommandBox } from "./command-box";
import { useCommands } from "./commands";
import { showKeys } from "./keys";
import { usePlaces } from "./places";
import { shellCommands } from "./shell-commands";
import { useSearch } from "./use-search";

const itemClass =
  "flex cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 data-[selected=true]:bg-accent-soft [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted";

const hereHeading = "Here";
const flowPages = [
  { path: "", label: "Editor" },
  { path: "/runs", label: "Runs" },
  { path: "/versions", label: "Versions" },
  { path: "/tests", label: "Tests" },
];
/** Of other flows, so many nodes that fit: the rest is found by Ctrl Shift F. */
const [flowsWithNodes, nodesPerFlow] = [5, 5];
const icons: Readonly<Record<string, ReactNode>> = {
  "new-flow": <Plus />,
  "find-everywhere": <Search />,
  keys: <Keyboard />,
  light: <Sun />,
  dark: <Moon />,
  system: <Monitor />,
};

/** Find a flow, a page, a run or a command by typing. */
export default function CommandPalette() {
  const open = useCommands((state) => state.open === "palette");
  const closeOverlay = useCommands((state) => state.close);
  const close = () => closeOverlay("palette");
  const router = useRouter();
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions(undefined, { enabled: open }));
  const places = usePlaces();
  const live = useLive((state) => state.flows);
  const listHere = useCommands((state) => state.listPageCommands);
  const here = useMemo(() => (open && listHere ? listHere() : []), [open, listHere]);
  const headings = [...new Set(here.map((command) => command.heading ?? hereHeading))];
  const [text, setText] = useState("");

  function run(action: () => void) {
    close();
    setText("");
    action();
  }
  const go = (href: string) => run(() => router.push(href));
  const typed = text.trim();
  const search = useSearch(text, open);
  const flowHere = /^\/flows\/([^/]+)/.exec(usePathname())?.[1];
  const found = search.found && {
    flows: search.found.flows
      .map((flow) => ({ ...flow, nodes: flow.nodes.slice(0, nodesPerFlow) }))
      .filter((flow) => flow.nodes.length > 0 && flow.name !== flowHere)
      .slice(0, flowsWithNodes),
  };

  return (
    <CommandBox
      open={open}
      onOpenChange={(next) => !next && close()}
      label="Search and commands"
      filter={matchWords}
      className="top-[14vh] w-[600px]"
      listClassName="max-h-[50vh]"
      text={text}
      onText={setText}
      placeholder="Find a flow, a page, a run, a command"
    >
      <Command.Empty className="px-2.5 py-2 text-muted">No flow, page or command has these words.</Command.Empty>
      {headings.map((heading) => (
        <Group key={heading} heading={heading}>
          {here
            .filter((command) => (command.heading ?? hereHeading) === heading)
            .map(({ id, label, words = "", shortcut, run: act }) => (
              <Command.Item key={id} value={`${label} ${words} ${id}`} onSelect={() => run(act)} className={itemClass}>
                {heading === hereHeading ? <Play /> : <Box />}
                <span className="min-w-0 flex-1 truncate">{label}</span>
                {shortcut ? <Kbd>{shortcut}</Kbd> : null}
              </Command.Item>
            ))}
        </Group>
      ))}
      <Group heading="Flows">
        {flows.data?.map((flow) => (
          <Command.Item
            key={flow.name}
            value={`${flow.title} ${flow.name}`}
            onSelect={() => go(`/flows/${flow.name}`)}
            className={itemClass}
          >
            <Waypoints />
            <span className="min-w-0 flex-1 truncate">{flow.title}</span>
            <span className="text-12 text-faint">
              {live[flow.name] ? wordsOfDeployment(live[flow.name]!.state).words : flow.deployment ? "" : "Draft"}
            </span>
          </Command.Item>
        ))}
      </Group>
      {found?.flows.map((flow) => (
        <Group key={flow.name} heading={`Nodes of ${flow.title}`}>
          {flow.nodes.map((node) => (
            <Command.Item
              key={node.id}
              value={`${typed} ${flow.name} ${node.id}`}
              onSelect={() => go(`/flows/${flow.name}?node=${node.id}`)}
              className={itemClass}
            >
              <Box />
              <span className="min-w-0 flex-1 truncate">{node.title ?? node.id}</span>
              <span className="text-12 text-faint">{node.kind}</span>
            </Command.Item>
          ))}
        </Group>
      ))}
      <Group heading="Pages">
        {flowHere
          ? flowPages.map(({ path, label }) => (
              <Command.Item
                key={path}
                value={`${label} of this flow`}
                onSelect={() => go(`/flows/${flowHere}${path}`)}
                className={itemClass}
              >
                <Waypoints />
                <span className="flex-1">{label} of this flow</span>
              </Command.Item>
            ))
          : null}
        {places.map(({ href, label, icon: Icon, about }) => (
          <Command.Item key={href} value={`${label} ${about}`} onSelect={() => go(href)} className={itemClass}>
            <Icon />
            <span className="flex-1">{label}</span>
            <span className="text-12 text-faint">{about}</span>
          </Command.Item>
        ))}
      </Group>
      <Group heading="Commands">
        {shellCommands
          .filter((command) => !command.unlisted)
          .map(({ id, label, words = "", keys, run: act }) => (
            <Command.Item
              key={id}
              value={`${label} ${words}`}
              onSelect={() => run(() => act(router))}
              className={itemClass}
            >
              {icons[id] ?? <Play />}
              <span className="min-w-0 flex-1 truncate">{label}</span>
              {keys ? <Kbd>{showKeys(keys[0]!)}</Kbd> : null}
            </Command.Item>
          ))}
      </Group>
      {typed ? (
        <Command.Group heading={<Heading>Search</Heading>} forceMount>
          <Command.Item
            forceMount
            value={`find ${typed} in runs`}
            onSelect={() => go(`/runs?text=${encodeURIComponent(typed)}`)}
            className={itemClass}
          >
            <Activity />
            <span className="min-w-0 truncate">
              Find <span className="font-mono">{typed}</span> in runs
            </span>
          </Command.Item>
          <Command.Item
            forceMount
            value={`sagas with key ${typed}`}
            onSelect={() => go(`/sagas?key=${encodeURIComponent(typed)}`)}
            className={itemClass}
          >
            <Undo2 />
            <span className="min-w-0 truncate">
              Sagas with key <span className="font-mono">{typed}</span>
            </span>
          </Command.Item>
        </Command.Group>
      ) : null}
    </CommandBox>
  );
}

/** Every typed word stands in the item; at its beginning counts most. */
function matchWords(value: string, typedText: string): number {
  const text = value.toLowerCase();
  const words = typedText.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return 0;
  return text.startsWith(words[0] ?? "") ? 1 : 0.5;
}

function Heading({ children }: { children: ReactNode }) {
  return <span className="block px-2.5 pb-1 pt-2 text-12 font-medium text-faint">{children}</span>;
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return <Command.Group heading={<Heading>{heading}</Heading>}>{children}</Command.Group>;
}
