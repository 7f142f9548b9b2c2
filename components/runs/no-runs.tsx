"use client";

import { useQuery } from "@tanstack/react-query";
import { Activity, SearchX } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { useTRPC } from "../trpc/context";
import { Button, ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { formatMoment } from "../ui/formats";
import { type AddressFilter, without } from "./run-filter";

/** So many flows that keep only a part are named. */
const namedFlows = 4;
/** So many names of values are told. */
const namedValues = 8;

/** A list without runs: why, and the ways out. */
export function NoRuns({
  filter,
  fixedFlow,
  onChange,
}: {
  filter: AddressFilter;
  /** Whose list it is; absent: of all flows. */
  fixedFlow?: string | undefined;
  onChange(filter: AddressFilter): void;
}) {
  const others = Object.keys(filter).filter(
    (field) => !["text", "by"].includes(field) && !(fixedFlow && field === "flow"),
  );
  if (filter.text)
    return <NothingFound filter={filter} others={others.length} fixedFlow={fixedFlow} onChange={onChange} />;
  if (others.length > 0)
    return (
      <EmptyState
        icon={<Activity />}
        title="No run matches the filter"
        action={<Button onClick={() => onChange({})}>Remove filters</Button>}
      >
        <Kept flow={filter.flow} />
      </EmptyState>
    );
  const { flow } = filter;
  return (
    <EmptyState
      icon={<Activity />}
      title="No runs yet"
      action={
        <ButtonLink href={flow ? `/flows/${flow}` : "/flows"} variant="primary">
          {flow ? "Open the drawing" : "Open flows"}
        </ButtonLink>
      }
    >
      A run is one message’s way through a flow, step by step. Deploy a flow and send it a message; its run appears here
      within two seconds.
    </EmptyState>
  );
}

/** What was looked in, how far back, and what may not have been kept. */
function NothingFound({
  filter,
  others,
  fixedFlow,
  onChange,
}: {
  filter: AddressFilter;
  /** How many filters hold beside the search. */
  others: number;
  fixedFlow: string | undefined;
  onChange(filter: AddressFilter): void;
}) {
  const { text, by } = filter;
  const alone = { text: text! };
  // `order 4711`, as it stands in a mail.
  const last = /\s/.test(text!) ? text!.trim().split(/\s+/).at(-1) : undefined;
  return (
    <EmptyState
      icon={<SearchX />}
      title={
        <>
          Nothing found by <span className="break-all font-mono">{text}</span>
        </>
      }
      action={
        <>
          {others > 0 ? (
            <Button variant="primary" onClick={() => onChange(alone)}>
              Search without the filters
            </Button>
          ) : by ? (
            <Button variant="primary" onClick={() => onChange(without(filter, "by"))}>
              Whatever it is found by
            </Button>
          ) : null}
          {fixedFlow ? (
            <ButtonLink href={`/runs?text=${encodeURIComponent(text!)}`}>Search all flows</ButtonLink>
          ) : null}
          <Button onClick={() => onChange({})}>Clear the search</Button>
        </>
      }
    >
      <p>
        Looked in, each whole: keys, the values of searchable fields
        <NamedValues flow={filter.flow} />, traces, places and positions, ids of runs; and in the words of errors.
        {last && last !== text ? (
          <>
            {" "}
            <Link href={`/runs?text=${encodeURIComponent(last)}`} className="text-accent underline underline-offset-2">
              Look for {last} alone
            </Link>
            .
          </>
        ) : null}
      </p>
      <Kept flow={filter.flow} />
    </EmptyState>
  );
}

/** `: order=…, customer=…`, as the deployed flows name them. */
function NamedValues({ flow }: { flow: string | undefined }) {
  const names = useKept(flow).data?.names ?? [];
  if (names.length === 0) return null;
  const more = names.length - namedValues;
  return (
    <>
      {" ("}
      {names.slice(0, namedValues).map((name, nth) => (
        <span key={name}>
          {nth > 0 ? ", " : ""}
          <code className="font-mono text-12">{name}=…</code>
        </span>
      ))}
      {more > 0 ? ` and ${more} more` : ""})
    </>
  );
}

function useKept(flow: string | undefined) {
  const trpc = useTRPC();
  return useQuery(trpc.runs.kept.queryOptions(flow ? { flow } : {}, { staleTime: 60_000 }));
}

/** How far back runs are there, and whose successes are kept only in part. */
function Kept({ flow }: { flow: string | undefined }) {
  const kept = useKept(flow);
  if (!kept.data) return null;
  const { since, partly, own, of } = kept.data;
  return (
    <div className="mt-3 flex flex-col gap-2 border-t pt-3 text-12">
      <p>
        {since
          ? `The oldest run that is still kept began ${formatMoment(since)}. `
          : "No run is kept here: none was made yet, or retention has removed them. "}
        {flow && own[0]
          ? `The flow keeps its runs for ${own[0].kept}, the failed ones too.`
          : own.length > 0
            ? "What failed is kept until retention removes it, which flows may set for themselves: "
            : since
              ? "What failed is kept until retention removes it."
              : ""}
        {!flow && own.length > 0 ? <Named flows={own} /> : null}
      </p>
      {partly.length > 0 ? (
        <p>
          Of what went well only a part is kept
          {flow
            ? `: ${partly[0]!.kept}`
            : ` by ${partly.length === of ? "every flow" : `${partly.length} of ${of} flows`}`}
          {flow ? ". " : ": "}
          <Named flows={partly} flow={flow} />
        </p>
      ) : null}
    </div>
  );
}

/** A few flows with what is kept of each, by the settings that say so. */
function Named({
  flows,
  flow,
}: {
  flows: readonly { flow: string; title: string; kept: string }[];
  /** The only one that is looked at. */
  flow?: string | undefined;
}): ReactNode {
  const href = (name: string) => `/flows/${encodeURIComponent(name)}?settings`;
  const link = "text-accent underline underline-offset-2";
  if (flow)
    return (
      <>
        <Link href={href(flow)} className={link}>
          Its settings
        </Link>{" "}
        say how much.
      </>
    );
  const more = flows.length - namedFlows;
  return (
    <>
      {flows.slice(0, namedFlows).map(({ flow: name, title, kept }, nth) => (
        <span key={name}>
          {nth > 0 ? ", " : ""}
          <Link href={href(name)} className={link}>
            {title}
          </Link>{" "}
          ({kept})
        </span>
      ))}
      {more > 0 ? ` and ${more} more` : ""}.
    </>
  );
}
