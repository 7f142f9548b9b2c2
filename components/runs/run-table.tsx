"use client";

import type { RunSummary } from "@/server/views";
import { Table, Th } from "../ui/table";
import { rowPx, spansToDraw } from "./list-rows";
import { RunRow } from "./run-row";

/** Where one is in the table, and what leads on. */
export interface TablePlace {
  /** What is in sight, in pixels of the list. */
  readonly seen: { readonly top: number; readonly height: number };
  /** Of the marked row; -1: none. */
  readonly index: number;
  mark(id: string): void;
  open(id: string): void;
}

/** Runs in rows of 32 px: state, key, flow and version, when, how long, attempts, the error in one line. Of many, those in sight. */
export function RunTable({
  runs,
  showFlow,
  showMatches,
  titles,
  place,
}: {
  runs: readonly RunSummary[];
  showFlow: boolean;
  /** By what each was found. */
  showMatches: boolean;
  titles: readonly { name: string; title: string }[];
  place: TablePlace;
}) {
  const spans = spansToDraw(runs.length, place.seen, place.index);
  const whole = spans.length === 1 && spans[0]!.to - spans[0]!.from === runs.length;
  const names = new Map(titles.map(({ name, title }) => [name, title]));
  return (
    <Table className="table-fixed" aria-rowcount={whole ? undefined : runs.length + 1}>
      <thead>
        <tr>
          <Th className="w-44">State</Th>
          <Th className="w-44">Key</Th>
          <Th className={showFlow ? "w-56" : "w-20"}>{showFlow ? "Flow" : "Version"}</Th>
          <Th className="w-40">Came from</Th>
          <Th className="w-28">Started</Th>
          <Th className="w-24" align="right">
            Took
          </Th>
          <Th className="w-20" align="right">
            Attempts
          </Th>
          {showMatches ? <Th className="w-40">Found by</Th> : null}
          <Th>Error</Th>
        </tr>
      </thead>
      <tbody>
        {spans.flatMap((span, nth) => [
          // In one list with the rows, so that the marked one stays the same element when it goes out of sight.
          <Gap key={`before ${runs[span.from]!.id}`} rows={span.from - (spans[nth - 1]?.to ?? 0)} />,
          ...runs
            .slice(span.from, span.to)
            .map((run, at) => (
              <RunRow
                key={run.id}
                run={run}
                title={showFlow ? (names.get(run.flow) ?? run.flow) : null}
                rowIndex={whole ? undefined : span.from + at + 2}
                showMatches={showMatches}
                marked={span.from + at === place.index}
                tabbed={span.from + at === Math.max(0, place.index)}
                onMark={place.mark}
                onOpen={place.open}
              />
            )),
        ])}
        <Gap rows={runs.length - (spans.at(-1)?.to ?? 0)} />
      </tbody>
    </Table>
  );
}

/** The height of rows that are not drawn. */
function Gap({ rows }: { rows: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={9} style={{ height: rows * rowPx }} />
    </tr>
  );
}
