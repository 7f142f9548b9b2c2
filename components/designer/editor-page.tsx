"use client";

import { FileWarning, SearchX } from "lucide-react";
import { useEffect } from "react";
import { FlowHeader } from "../shell/flow-header";
import { useLive } from "../trpc/use-live";
import { ButtonLink } from "../ui/button";
import { Callout } from "../ui/callout";
import { EmptyState } from "../ui/empty-state";
import { wordsOfError } from "../ui/error-words";
import { Designer } from "./designer";
import { useDraft } from "./use-draft";

/** Loads a flow and opens it in the editor. */
export function EditorPage({ name }: { name: string }) {
  const flow = useDraft(name);
  // The revision alone: counts change every second, and the whole editor would be drawn anew.
  const revision = useLive((live) => live.flows[name]?.revision);
  const deployed = flow.data?.deployment;
  const { refetch } = flow;
  // Somebody else (or the command line) deployed or stopped it: what runs is another document now.
  const stale =
    revision !== undefined &&
    flow.data !== undefined &&
    !flow.isFetching &&
    deployed?.revision !== undefined &&
    revision > deployed.revision;
  useEffect(() => {
    if (stale) void refetch();
  }, [stale, refetch]);

  if (flow.data?.draft) return <Designer key={name} view={flow.data} draft={flow.data.draft} />;
  if (flow.data) {
    return (
      <div className="flex h-full flex-col">
        <FlowHeader name={name} title={flow.data.title} current="editor" />
        <div className="thin-scroll min-h-0 flex-1 overflow-auto p-6">
          <Callout tone="warn" title="This drawing is of another format" code="file-format">
            It was made by another version of Millrace. It is shown as it is stored and cannot be changed here; what is
            deployed runs on.
          </Callout>
          <pre className="mt-4 whitespace-pre-wrap break-all rounded-md border border-line bg-surface p-4 font-mono text-12">
            {JSON.stringify(flow.data.raw, null, 2)}
          </pre>
        </div>
      </div>
    );
  }
  if (flow.error) {
    const words = wordsOfError(flow.error);
    return (
      <div className="flex h-full flex-col">
        <FlowHeader name={name} title={name} current="editor" />
        <EmptyState
          icon={words.code === "flow-missing" ? <SearchX /> : <FileWarning />}
          title={words.code === "flow-missing" ? "There is no such flow" : "The flow could not be opened"}
          action={<ButtonLink href="/flows">Open flows</ButtonLink>}
        >
          {words.message}
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="flex h-full flex-col" aria-busy>
      <FlowHeader name={name} title="…" current="editor" />
      <div className="dotted flex-1" />
    </div>
  );
}
