import type { Payload } from "@/flow/control";
import { HeadersTable } from "../payload/headers-table";
import { OutPorts } from "./out-ports";
import { unkeptWords } from "./whole-message";

/** Headers of what came in, and of what left. */
export function StepHeaders({
  came,
  input,
  out,
  moreOut,
  nothing,
  shown,
  onShow,
}: {
  /** A message came in, whether or not it was kept. */
  came: boolean;
  input: Payload | null;
  out: readonly { port: string; payload: Payload | null }[];
  moreOut: number;
  /** Said where nothing came out. */
  nothing: string;
  shown: number;
  onShow(index: number): void;
}) {
  return (
    <div className="flex flex-col gap-4">
      {came ? (
        <section aria-label="Headers in">
          <h3 className="mb-1.5 text-12 font-medium text-muted">In</h3>
          <Headers payload={input} />
        </section>
      ) : null}
      {out.length > 0 ? (
        <section aria-label="Headers out">
          <h3 className="mb-1.5 flex items-center gap-1.5 text-12 font-medium text-muted">
            Out <OutPorts out={out} more={moreOut} shown={shown} onShow={onShow} />
          </h3>
          <Headers payload={out[shown]?.payload ?? null} />
        </section>
      ) : came ? (
        <p className="text-12 text-muted">{nothing}</p>
      ) : null}
    </div>
  );
}

function Headers({ payload }: { payload: Payload | null }) {
  if (!payload) return <p className="text-12 text-muted">{unkeptWords}</p>;
  const { headers, headerMarks, moreHeaders, partial } = payload;
  return (
    <>
      <HeadersTable headers={headers} marks={headerMarks} more={moreHeaders} />
      {partial && !headerMarks && !moreHeaders && !payload.keyMark ? (
        <p className="mt-2 text-12 text-warn">Key or headers were not kept whole.</p>
      ) : null}
    </>
  );
}
