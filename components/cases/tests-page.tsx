"use client";

import { FlaskConical } from "lucide-react";
import dynamic from "next/dynamic";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import type { FlowDocument } from "@/flow/document";
import type { FlowView } from "@/server/views";
import { DesignerProvider, useDesigner, useDesignerStore } from "../designer/context";
import { keepWork, openWork } from "../designer/keep-work";
import { SavedState } from "../designer/saved-state";
import { sourcesOf } from "../designer/try-it";
import { useAutosave } from "../designer/use-autosave";
import { useDraft } from "../designer/use-draft";
import { FlowHeader } from "../shell/flow-header";
import { isTyping, matchesKeys } from "../shell/keys";
import { useHasRole } from "../shell/session";
import { Button, ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { LoadError } from "../ui/query-states";
import { SkeletonRows } from "../ui/skeleton";
import { AddMenu } from "./add-menu";
import { CaseDrawing } from "./case-drawing";
import { CaseList } from "./case-list";
import { CasePanel } from "./case-panel";
import { casesOf } from "./edit-cases";
import { HistoryButtons } from "./history-buttons";
import { useCaseRuns } from "./use-case-runs";

const ConflictDialog = dynamic(() => import("../designer/conflict-dialog").then((module) => module.ConflictDialog), {
  ssr: false,
});
const CaptureDialog = dynamic(() => import("./capture-dialog").then((module) => module.CaptureDialog), { ssr: false });
const ImportFromRun = dynamic(() => import("./import-from-run").then((module) => module.ImportFromRun), {
  ssr: false,
});
const ImportDialog = dynamic(() => import("./import-dialog").then((module) => module.ImportDialog), { ssr: false });

/** The cases of a flow: what they expect, how they stand, where they differ, what none of them comes by. */
export function TestsPage({ name }: { name: string }) {
  const flow = useDraft(name);
  if (flow.data?.draft) return <Tests key={name} view={flow.data} draft={flow.data.draft} />;
  return (
    <div className="flex h-full flex-col">
      <FlowHeader name={name} title={flow.data?.title ?? name} current="tests" />
      {!flow.data && !flow.error ? <SkeletonRows rows={4} /> : null}
      {flow.error ? <LoadError what="The flow" error={flow.error} onRetry={() => void flow.refetch()} /> : null}
      {flow.data ? (
        <EmptyState title="This drawing is of another format">It cannot be tested by this version.</EmptyState>
      ) : null}
    </div>
  );
}

function Tests({ view, draft }: { view: FlowView; draft: FlowDocument }) {
  const mayEdit = useHasRole("editor");
  // One history with the editor: what is changed here is undone there, too.
  const [store] = useState(() =>
    openWork(view.name, { document: draft, revision: view.revision }, { readOnly: !mayEdit }),
  );
  useEffect(() => keepWork(view.name, store), [view.name, store]);
  const flush = useAutosave(store, view.name);
  return (
    <DesignerProvider store={store}>
      <Page view={view} flush={flush} />
    </DesignerProvider>
  );
}

/** What is open over the page. */
export type Adding = "capture" | "import" | null;

function Page({ view, flush }: { view: FlowView; flush(): Promise<void> }) {
  const store = useDesignerStore();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const asked = params.get("case");
  const fromRun = params.get("run");
  const document = useDesigner((state) => state.document);
  const readOnly = useDesigner((state) => state.readOnly);
  const conflict = useDesigner((state) => state.save.is === "conflict");
  const running = useDesigner((state) => state.cases.running);
  const runNow = useCaseRuns();
  const [adding, setAdding] = useState<Adding>(null);
  const cases = casesOf(document);
  const failing = useDesigner((state) => state.cases.run?.results.find(({ passed }) => !passed)?.name);
  const shown = cases.find(({ name }) => name === asked) ?? cases[0];
  const open = (name: string) => router.replace(`${path}?case=${encodeURIComponent(name)}`, { scroll: false });
  // Opened without a word which, it shows one that fails; from then on it stays, whatever becomes of it.
  useEffect(() => {
    if (asked === null && fromRun === null && failing !== undefined)
      router.replace(`${path}?case=${encodeURIComponent(failing)}`, { scroll: false });
  }, [asked, fromRun, failing, path, router]);
  useUndoKeys();

  return (
    <div className="flex h-full min-h-0 flex-col">
      <FlowHeader name={view.name} title={document.title ?? view.name} current="tests">
        <SavedState flow={view.name} running={view.running} version={view.deployment?.version ?? null} flush={flush} />
        {readOnly ? null : <HistoryButtons />}
        {readOnly ? null : <AddMenu onAdding={setAdding} onOpen={open} />}
        {cases.length > 0 ? (
          <Button variant="primary" busy={running} onClick={() => void runNow()}>
            Run all
          </Button>
        ) : null}
      </FlowHeader>
      {conflict ? <ConflictDialog /> : null}
      {shown ? (
        <div className="grid min-h-0 flex-1 grid-cols-[minmax(220px,280px)_minmax(0,1fr)_minmax(340px,420px)]">
          <CaseList shown={shown.name} onOpen={open} onRun={(name) => void runNow(name)} />
          <CaseDrawing shown={shown} />
          <CasePanel key={shown.name} own={shown} onOpen={open} onRun={() => void runNow(shown.name)} />
        </div>
      ) : (
        <Empty onCapture={() => setAdding("capture")} />
      )}
      {adding === "capture" ? (
        <CaptureDialog
          onClose={() => setAdding(null)}
          onKept={(name) => {
            store.getState().select([]);
            open(name);
          }}
        />
      ) : null}
      {fromRun !== null && !readOnly ? (
        <ImportFromRun id={fromRun} onClose={() => router.replace(path, { scroll: false })} onKept={open} />
      ) : null}
      {adding === "import" ? <ImportDialog onClose={() => setAdding(null)} onKept={open} /> : null}
    </div>
  );
}

function Empty({ onCapture }: { onCapture(): void }) {
  const name = useDesigner((state) => state.document.name);
  const readOnly = useDesigner((state) => state.readOnly);
  const hasSource = useDesigner((state) => sourcesOf(state.document).length > 0);
  return (
    <EmptyState
      icon={<FlaskConical />}
      title="No cases yet"
      action={
        readOnly ? undefined : hasSource ? (
          <Button variant="primary" onClick={onCapture}>
            Capture messages
          </Button>
        ) : (
          <ButtonLink variant="primary" href={`/flows/${encodeURIComponent(name)}`}>
            Draw a source first
          </ButtonLink>
        )
      }
    >
      A case is a message and what the flow is expected to make of it. Capture some real messages of a source: what the
      draft makes of them now is what they expect from then on. They run after each change and, if you wish, before each
      deploy.
    </EmptyState>
  );
}

/** Undo and redo of what is changed here, as in the editor. */
function useUndoKeys(): void {
  const store = useDesignerStore();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // What is being typed has a history of its own.
      if (event.defaultPrevented || isTyping(event.target)) return;
      if (event.target instanceof Element && event.target.closest("[role=dialog]")) return;
      const undoes = matchesKeys(event, "Ctrl+Z");
      if (!undoes && !["Ctrl+Y", "Ctrl+Shift+Z"].some((keys) => matchesKeys(event, keys))) return;
      event.preventDefault();
      const { undo, redo } = store.getState();
      if (undoes) undo();
      else redo();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store]);
}
