"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { findPlaceKind } from "@/flow/connection-catalog";
import { diffFlows, summarizeDiff } from "@/flow/diff";
import { listDifferences } from "@/flow/differences";
import { joinWords } from "@/flow/issues";
import type { Problem } from "@/flow/problems";
import { checkBegin } from "@/flow/source-group";
import type { Begin, FlowView } from "@/server/views";
import { InlineCode } from "../drawing/inline-code";
import { describeUsual } from "../form/new-place";
import { useTRPC } from "../trpc/context";
import { useLiveFlow } from "../trpc/use-live";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { formatPlural } from "../ui/formats";
import { Input } from "../ui/input";
import { Checkbox } from "../ui/switch";
import { DifferenceList } from "../versions/difference-list";
import { type BeginChoice, BeginField, beginOf, hasPast } from "./begin-field";
import { useDesigner, useDesignerStore } from "./context";
import { DeployProgress } from "./deploy-progress";
import { nodeOf } from "./edit";
import { GoAlong } from "./go-along";
import { ProblemsList } from "./problems-list";
import { SagasEndThere, SagasStranded, useSagaImpact } from "./sagas-in-flight";

/** What will change, what stands in the way, where to begin; then how it comes up. */
export function DeployDialog({
  view,
  open,
  onOpenChange,
  flush,
}: {
  view: FlowView;
  open: boolean;
  onOpenChange(open: boolean): void;
  flush(): Promise<void>;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const store = useDesignerStore();
  const document = useDesigner((state) => state.document);
  const revision = useDesigner((state) => state.revision);
  const seen = useDesigner((state) => state.problems);
  const [message, setMessage] = useState("");
  const [choice, setChoice] = useState<BeginChoice>({ from: "continue", at: "" });
  const [create, setCreate] = useState(true);
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const [flushing, setFlushing] = useState(false);
  const [deployed, setDeployed] = useState<{ version: number; revision: number } | null>(null);
  const deploy = useMutation(
    trpc.deployments.deploy.mutationOptions({
      onSuccess(result) {
        if (result.ok) setDeployed({ version: result.version, revision: result.revision });
        else setRefused(result.problems);
        void queries.invalidateQueries({ queryKey: trpc.flows.get.queryKey({ name: view.name }) });
        void queries.invalidateQueries({ queryKey: trpc.flows.check.queryKey() });
      },
    }),
  );
  const reset = deploy.reset;
  useEffect(() => {
    if (!open) return;
    setRefused([]);
    setDeployed(null);
    setMessage("");
    setChoice({ from: "continue", at: "" });
    reset();
  }, [open, reset]);

  const problems = refused.length > 0 ? refused : seen;
  const errors = problems.filter(({ severity }) => severity === "error");
  const missing = errors.flatMap(({ fix }) => (fix?.do === "create-place" ? [fix] : []));
  const usual = joinWords(
    [...new Set(missing.flatMap(({ kind, type, options }) => describeUsual(findPlaceKind(kind, type), options) || []))],
    "and",
  );
  const missingTypes = joinWords([...new Set(missing.map(({ type }) => `${type}s`))], "and");
  const nobody = problems.find(({ code }) => code === "worker-label-missing");
  /** Of the deploy that was refused for them: pressed again, it is done all the same. */
  const stranded = refused.filter(({ code }) => code === "saga-stranded");
  const impact = useSagaImpact(view.name, open && view.deployment !== null);
  const obstacles = errors.filter(
    // What is made with the deploy, and what may be there by the next press.
    ({ fix, code }) => !(create && fix?.do === "create-place") && code !== "tests-not-run",
  );
  const cases = document.settings?.requireTests ? (document.tests?.length ?? 0) : 0;
  const diff = view.running ? diffFlows(view.running, document) : null;
  const differences = diff ? listDifferences(diff).filter(({ change }) => change !== "moved") : [];
  const sources = document.nodes.filter(hasPast);
  const live = useLiveFlow(view.name);
  const gone = Object.values(live?.nodes ?? {}).some(
    ({ state, cause }) => state === "halted" && cause?.code === "position-gone",
  );
  const begin: Begin | null = sources.length > 0 ? beginOf(choice) : { from: "continue" };
  const kept = begin?.from === "continue" ? [] : checkBegin(document, view.running);
  const cannotBegin = begin === null || kept.some(({ severity }) => severity === "error");
  const title = document.title ?? view.title;
  const again = diff?.differs === "nothing" || diff?.differs === "looks";

  async function press() {
    if (!begin) return;
    const strand = stranded.length > 0;
    setRefused([]);
    setFlushing(true);
    try {
      // What is deployed is the saved draft: first all that is drawn is saved.
      await flush();
    } finally {
      setFlushing(false);
    }
    deploy.mutate({
      flow: view.name,
      revision: latestRevision.current(),
      begin,
      createMissing: create && missing.length > 0,
      ...(strand ? { strand } : {}),
      ...(message.trim() ? { message: message.trim() } : {}),
    });
  }
  const latestRevision = useLatestRevision(revision);

  if (deployed) {
    return (
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={`Deploying v${deployed.version}`}
        footer={<Button onClick={() => onOpenChange(false)}>Close</Button>}
      >
        <DeployProgress
          flow={view.name}
          title={title}
          deployed={deployed}
          nodes={document.nodes}
          onDone={() => onOpenChange(false)}
        />
      </Dialog>
    );
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Deploy ${title}`}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            autoFocus
            variant="primary"
            busy={flushing || deploy.isPending}
            disabled={obstacles.length > 0 || cannotBegin}
            onClick={() => void press()}
          >
            {stranded.length > 0
              ? "Deploy all the same"
              : missing.length > 0 && create
                ? `Create ${missingTypes} and deploy`
                : "Deploy"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {deploy.error ? (
          <Callout tone="bad" title="It was not deployed" code={wordsOfError(deploy.error).code}>
            {wordsOfError(deploy.error).message} What ran before runs on.
          </Callout>
        ) : null}
        {nobody ? (
          <Callout tone="warn" title="Deployed, it waits for a worker" code={nobody.code}>
            <InlineCode text={nobody.message} />
            {view.running ? " The workers that run it now drain and stop it." : ""}
          </Callout>
        ) : null}
        <SagasStranded problems={stranded} />
        {errors.length > 0 ? (
          <section aria-label="What keeps it from deploying">
            <h3 className="font-semibold">What keeps it from deploying</h3>
            <ProblemsList problems={errors} onGo={() => onOpenChange(false)} />
            {missing.length > 0 ? (
              // biome-ignore lint/a11y/noLabelWithoutControl: Radix's checkbox is the control
              <label className="mt-1 flex items-center gap-2">
                <Checkbox checked={create} onCheckedChange={setCreate} label={`Create the missing ${missingTypes}`} />
                Create the missing {missingTypes}
                {usual ? ` ${usual} each` : ""}
              </label>
            ) : null}
          </section>
        ) : null}
        {cases > 0 && refused.length === 0 ? (
          <p className="text-muted">
            First {formatPlural(cases, "case")} {cases === 1 ? "runs" : "run"}: this flow is deployed only when all
            pass.
          </p>
        ) : null}
        <section aria-label="What will change">
          <h3 className="font-semibold">What will change</h3>
          {diff === null ? (
            <p className="text-muted">
              {view.deployment
                ? `The flow is stopped. It begins to run with ${document.nodes.length} nodes.`
                : `The first version begins to run, with ${document.nodes.length} nodes.`}
            </p>
          ) : (
            <>
              <p className="text-muted">
                Since v{view.deployment?.version}: {summarizeDiff(diff)}.
                {again ? " The same version is started again." : ""}
              </p>
              {differences.length > 0 ? (
                <DifferenceList
                  differences={differences}
                  className="thin-scroll mt-1.5 max-h-56 overflow-y-auto rounded-md bg-sunken p-1"
                  onGo={({ nodes }) => {
                    const node = nodes.find((id) => nodeOf(document, id));
                    if (node === undefined) return;
                    onOpenChange(false);
                    store.getState().inspect(node);
                  }}
                />
              ) : null}
            </>
          )}
          <SagasEndThere impact={impact} />
        </section>
        <GoAlong flow={view.name} />
        {sources.length > 0 ? (
          <BeginField
            choice={choice}
            onChange={setChoice}
            ranBefore={view.deployment !== null}
            gone={gone}
            kept={kept}
          />
        ) : null}
        <Field label="Message" aside="optional">
          {(control) => (
            <Input
              {...control}
              value={message}
              maxLength={500}
              placeholder="What changed, and why"
              onChange={(event) => setMessage(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && obstacles.length === 0) void press();
              }}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}

/** The revision as it is when asked, not as it was when the press began. */
function useLatestRevision(revision: number) {
  const [latest] = useState(() => {
    let value = revision;
    return { current: () => value, set: (next: number) => (value = next) };
  });
  latest.set(revision);
  return latest;
}
