"use client";

import { useReactFlow } from "@xyflow/react";
import clsx from "clsx";
import { ArrowRight, ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import type { Hop, Path } from "@/flow/paths";
import type { Semantics } from "@/flow/semantics";
import type { Weakening } from "@/flow/standing";
import { InlineCode } from "../drawing/inline-code";
import { titleOfNode } from "../drawing/kinds";
import { formatPlural } from "../ui/formats";
import { Dot } from "../ui/tag";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { WeakeningWords } from "./weakening-words";

/** The paths of a flow with what each guarantees; one opened shows what weakens it and where its messages rest. */
export function GuaranteePanel({ semantics, onGo }: { semantics: Semantics; onGo(): void }) {
  const store = useDesignerStore();
  const flow = useReactFlow();
  const [opened, setOpened] = useState<string | null>(semantics.paths[0] ? nameOf(semantics.paths[0]) : null);
  const go = (node: string, tab: "settings" | "errors" = "settings") => {
    store.getState().inspect(node, { tab });
    onGo();
    void flow.fitView({ nodes: [{ id: node }], maxZoom: 1, padding: 0.6, duration: 160 });
  };
  const { paths, morePaths, grounds } = semantics;
  return (
    <div data-testid="guarantee-panel">
      <div className="border-b border-line px-3 py-2.5">
        <h3 className="font-semibold">{semantics.summary}</h3>
        <p className="mt-0.5 text-12 text-muted">
          {paths.length > 1
            ? `What holds for each message, on each of ${formatPlural(paths.length + morePaths, "path")}. The weakest counts.`
            : "What holds for each message, and why."}
        </p>
      </div>
      <div className="thin-scroll max-h-[min(56vh,520px)] overflow-y-auto">
        <ul className="divide-y divide-line">
          {paths.map((path) => (
            <PathItem
              key={nameOf(path)}
              path={path}
              open={opened === nameOf(path)}
              onToggle={() => setOpened(opened === nameOf(path) ? null : nameOf(path))}
              onGo={go}
            />
          ))}
        </ul>
        {morePaths > 0 ? (
          <p className="border-t border-line px-3 py-2 text-12 text-muted">
            {formatPlural(morePaths, "path")} more, none of them weaker.
          </p>
        ) : null}
        {grounds.length > 0 ? (
          <div className="border-t border-line px-3 py-2.5">
            <Title>Why it holds</Title>
            <ul className="mt-1 flex flex-col gap-1 text-12">
              {grounds.map(({ node, text }) => (
                <li key={`${node}${text}`}>
                  <InlineCode text={text} />
                </li>
              ))}
            </ul>
          </div>
        ) : null}
      </div>
    </div>
  );
}

interface PathItemProps {
  path: Path;
  open: boolean;
  onToggle(): void;
  onGo(node: string, tab?: "settings" | "errors"): void;
}

function PathItem({ path, open, onToggle, onGo }: PathItemProps) {
  const document = useDesigner((state) => state.document);
  const body = useId();
  const titleOf = (id: string) => {
    const node = nodeOf(document, id);
    return node ? titleOfNode(node) : id;
  };
  const marked = path.weakenings.some((each) => !each.usual);
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={body}
        className="flex w-full items-center gap-2 px-3 py-2 text-left hover:bg-hover"
        onClick={onToggle}
      >
        <ChevronRight
          className={clsx("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
          aria-hidden
        />
        <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-1 font-medium">
          {titleOf(path.from)}
          {path.to === path.from ? null : (
            <>
              <ArrowRight className="size-3 shrink-0 text-muted" role="img" aria-label="to" />
              {titleOf(path.to)}
            </>
          )}
        </span>
        <span className={clsx("shrink-0 text-12", marked ? "text-warn" : "text-muted")}>{path.summary}</span>
      </button>
      {open ? (
        <div id={body} className="flex flex-col gap-3 pb-3 pl-[34px] pr-3">
          {path.weakenings.length > 0 ? (
            <div>
              <Title>What weakens it</Title>
              <ul className="mt-1 flex flex-col gap-2">
                {path.weakenings.map((each) => (
                  <WeakeningItem
                    key={`${each.node}${each.text}`}
                    weakening={each}
                    title={each.node === undefined ? null : titleOf(each.node)}
                    onGo={onGo}
                  />
                ))}
              </ul>
            </div>
          ) : null}
          <Hops hops={path.hops} titleOf={titleOf} />
        </div>
      ) : null}
    </li>
  );
}

function WeakeningItem({
  weakening,
  title,
  onGo,
}: {
  weakening: Weakening;
  title: string | null;
  onGo: PathItemProps["onGo"];
}) {
  const { node, field } = weakening;
  return (
    <li className="text-12">
      <WeakeningWords
        weakening={weakening}
        lead={
          node === undefined || title === null ? null : (
            <button
              type="button"
              className="font-medium text-accent underline underline-offset-2"
              onClick={() => onGo(node, field === "retry" ? "errors" : "settings")}
            >
              {title}
            </button>
          )
        }
      />
    </li>
  );
}

const strengths = {
  safe: { tone: "ok", word: "safe" },
  weak: { tone: "warn", word: "weak" },
  unknown: { tone: "idle", word: "not known" },
} as const;

function Hops({ hops, titleOf }: { hops: readonly Hop[]; titleOf(id: string): string }) {
  if (hops.length === 0) return null;
  return (
    <div>
      <Title>Where its messages rest</Title>
      <ul className="mt-1 flex flex-col gap-1 text-12">
        {hops.map(({ node, strength, text }) => (
          <li key={node} className="flex gap-2">
            <Dot
              tone={strengths[strength].tone}
              hollow={strength === "unknown"}
              label={strengths[strength].word}
              className="mt-[5px]"
            />
            <span className="min-w-0">
              <span className="font-medium">{titleOf(node)}: </span>
              <InlineCode text={text} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Title({ children }: { children: ReactNode }) {
  return <h4 className="text-12 font-semibold text-muted">{children}</h4>;
}

function nameOf({ from, to }: Path): string {
  return `${from}>${to}`;
}
