"use client";

import { Handle, Position } from "@xyflow/react";
import clsx from "clsx";
import { ShieldAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Kind } from "@/flow/kind";
import { Dot } from "../ui/tag";
import { CutWords } from "./cut-words";
import type { Deeds } from "./deeds";
import { InlineCode } from "./inline-code";
import { KindChip } from "./kind-chip";
import { rowsOfPorts } from "./measures";
import { type NodeSide, NodeSides } from "./node-sides";

/** `accent`: at work now; `undo`: taken back. */
export type Tone = "ok" | "warn" | "bad" | "idle" | "accent" | "undo";

export interface NodeCardProps {
  title: string;
  subtitle: string;
  kind: Kind | undefined;
  ports: { in: readonly string[]; out: readonly string[] };
  /** Of a saga's step: what it does and what undoes it. */
  deeds?: Deeds | null;
  /** How the two sides of a step stand. */
  sides?: readonly NodeSide[] | undefined;
  selected?: boolean;
  /** The dot at the top right, with the word it stands for. */
  state?: { tone: Tone; word: string } | null;
  /** Red border and these words under the node. */
  problem?: string | null;
  /** Amber or red words under the node: why it is degraded or retrying. */
  trouble?: { tone: "warn" | "bad"; text: string } | null;
  /** Plain words under the node: what it gave of a message that was tried. */
  says?: string | undefined;
  /** Under the node: what it did, as figures. */
  figures?: ReactNode;
  /** No test comes by: a dotted frame, beside the words that say so. */
  untested?: boolean | undefined;
  /** Red words under the node: the cases that fail here. */
  failing?: string | null;
  /** What it takes from the flow's guarantee, as the words of a mark. */
  weakens?: string | null;
  /** Differs from what is deployed. */
  changed?: boolean;
  /** That it is disabled and what it does then, in words. */
  disabled?: string | null;
  /** Mark of what somebody wrote about it. */
  notes?: ReactNode;
  /** The way out of its problem. */
  fix?: ReactNode;
  /** Output ports that a wire leaves by. */
  wired?: ReadonlySet<string>;
  /** On its upper edge: how many stand there. */
  badge?: ReactNode;
  /** At the unwired error port. */
  deadLetters?: ReactNode;
  /** Right of the subtitle or under the head: counts. */
  foot?: ReactNode;
  /** At each open output port: quick-add. */
  atPort?: (port: string) => ReactNode;
  /** Beside each open output port: how many left by it, which no wire could tell. */
  leftBy?: ((port: string) => ReactNode) | undefined;
  /** Colours of the way that a run took; `off` = not on it. */
  way?: Tone | "off" | null;
  connectable?: boolean;
}

/** A node as it looks everywhere: in the editor, on a run's page, in a version. */
export function NodeCard(props: NodeCardProps) {
  const { ports, kind, connectable = true, wired } = props;
  const outputs = ports.out.filter((port) => port !== "error");
  const { left, right, count } = rowsOfPorts(ports);
  const hasError = ports.out.includes("error");
  const about = props.deeds?.about ?? props.subtitle;
  const errorWired = wired?.has("error") ?? false;
  return (
    <div
      className={clsx(
        "node-card",
        props.selected && "node-selected",
        props.problem && "node-invalid",
        props.disabled && "node-disabled",
        props.untested && "node-untested",
        props.way && `node-way-${props.way}`,
      )}
    >
      <div className="node-head">
        <KindChip kind={kind} />
        <span className="min-w-0 flex-1">
          <span className="node-title">
            {props.title}
            {props.notes}
            {props.changed ? <span className="node-changed" title="Changed since it was deployed" /> : null}
          </span>
          <CutWords className="node-subtitle" words={about} title={about} />
        </span>
      </div>
      {props.disabled ? <span className="node-off">{props.disabled}</span> : null}
      {props.weakens ? (
        <span className="node-weakens" title={props.weakens} data-testid="weakens">
          <ShieldAlert role="img" aria-label={`Weakens the flow: ${props.weakens}`} />
        </span>
      ) : null}
      {props.badge ? <span className="node-badge">{props.badge}</span> : null}
      {props.state ? (
        <Dot tone={props.state.tone} label={props.state.word} className="absolute right-2.5 top-2.5" />
      ) : null}

      {ports.in.includes("in") ? <Input port="in" title={props.title} connectable={connectable} /> : null}
      {props.deeds ? <NodeSides deeds={props.deeds} sides={props.sides} /> : null}

      {Array.from({ length: count }, (_, index) => {
        const [input, output] = [left[index], right[index]];
        return (
          <div key={`${input}:${output}`} className="node-port-row">
            <span className={clsx("min-w-0 truncate", input === "error" && "text-bad")}>{input}</span>
            <span className="min-w-0 truncate">{output}</span>
            {input === "error" ? (
              <ErrorPort title={props.title} connectable={connectable} wired={errorWired} inRow />
            ) : input === undefined ? null : (
              <Input port={input} title={props.title} connectable={connectable} />
            )}
            {output === undefined ? null : (
              <Output
                port={output}
                title={props.title}
                connectable={connectable}
                left={wired?.has(output) ? null : props.leftBy?.(output)}
              >
                {wired?.has(output) ? null : props.atPort?.(output)}
              </Output>
            )}
          </div>
        );
      })}
      {right.length === 0 && outputs[0] !== undefined ? (
        <Output
          port={outputs[0]}
          title={props.title}
          connectable={connectable}
          left={wired?.has(outputs[0]) ? null : props.leftBy?.(outputs[0])}
          head
        >
          {wired?.has(outputs[0]) ? null : props.atPort?.(outputs[0])}
        </Output>
      ) : null}
      {hasError && !left.includes("error") ? (
        <ErrorPort title={props.title} connectable={connectable} wired={errorWired} />
      ) : null}

      {props.foot}
      {props.problem || props.trouble || props.deadLetters || props.says || props.figures || props.failing ? (
        <div className="node-below">
          {props.deadLetters}
          {props.figures}
          {props.says ? <span className="node-words node-says">{props.says}</span> : null}
          {props.failing ? (
            <span className="node-words node-words-bad" data-testid="failing-case">
              <InlineCode text={props.failing} />
            </span>
          ) : null}
          {props.trouble ? (
            <span className={clsx("node-words", props.trouble.tone === "bad" ? "node-words-bad" : "node-words-warn")}>
              <InlineCode text={props.trouble.text} />
            </span>
          ) : null}
          {props.problem ? (
            <span className="node-words node-words-bad">
              <InlineCode text={props.problem} />
            </span>
          ) : null}
          {props.fix}
        </div>
      ) : null}
    </div>
  );
}

function Input(props: { port: string; title: string; connectable: boolean }) {
  return (
    <Handle
      id={props.port}
      type="target"
      position={Position.Left}
      isConnectable={props.connectable}
      role="img"
      aria-label={props.port === "in" ? `Input of ${props.title}` : `Input ${props.port} of ${props.title}`}
      className={clsx("port", props.port === "in" ? "port-in" : "port-row")}
    />
  );
}

function Output(props: {
  port: string;
  title: string;
  connectable: boolean;
  head?: boolean;
  left?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <>
      <Handle
        id={props.port}
        type="source"
        position={Position.Right}
        isConnectable={props.connectable}
        role="img"
        aria-label={props.port === "out" ? `Output of ${props.title}` : `Output ${props.port} of ${props.title}`}
        className={clsx("port", props.head ? "port-head" : "port-row")}
      />
      {props.left ? (
        <span className={clsx("port-left", props.head ? "port-left-head" : "port-left-row")}>{props.left}</span>
      ) : null}
      {props.children ? (
        <span className={clsx("port-add", props.head ? "port-add-head" : "port-add-row")}>{props.children}</span>
      ) : null}
    </>
  );
}

/** Where messages leave that a node gave up on; without a wire they go to the dead letters. */
function ErrorPort(props: { title: string; connectable: boolean; wired: boolean; inRow?: boolean }) {
  return (
    <Handle
      id="error"
      type="source"
      position={props.inRow ? Position.Left : Position.Bottom}
      isConnectable={props.connectable}
      role="img"
      aria-label={`Error output of ${props.title}`}
      title="Error output: without a wire, failed messages go to the dead letters"
      className={clsx("port port-error", props.inRow ? "port-row" : "port-error-foot", props.wired && "port-wired")}
    />
  );
}
