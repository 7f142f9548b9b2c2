import type { Payload } from "../flow/control";
import { markResent, runHeader } from "../flow/resent";
import { formatTraceparent, keepHeader, traceHeader } from "../flow/trace-context";
import { Prisma } from "./generated/client";

/** What came to a step of a run, and where it is sent. */
export interface StepToSend {
  readonly environment: string;
  readonly flowId: string;
  readonly flow: string;
  /** The version that is to work it. */
  readonly version: number;
  readonly node: string;
  readonly run: { readonly id: string; readonly source: string; readonly traceId: string; readonly spanId: string };
  /** Index of the step in the run. */
  readonly step: number;
  readonly payload: Payload;
  /** As the message came from its source, where that was kept whole. */
  readonly original?: Payload;
  readonly codec: string;
  /** In place of the value that came; absent: as it came. */
  readonly edited?: { readonly value: Uint8Array<ArrayBuffer> | null };
  readonly by: string;
}

/** Stands in the place of a cause: it has not failed. */
export const sentFromRun = "sent-from-run";

/** The lane in the place of what is sent from a run; its position is the run and the step. */
export const runLane = "run";

/**
 * Asks for a step's message to be sent to its node again. It goes the way of a dead letter that is sent to its node, as one of its own, so
 * that it is taken up after a crash and is a dead letter when it fails: known by run and step, so that the same step sent once more has
 * the same id. `null`: it is on its way already.
 */
export async function queueFromRun(
  tx: Prisma.TransactionClient,
  { environment, flowId, flow, version, node, run, step, payload, original, codec, edited, by }: StepToSend,
): Promise<{ letter: string; redrive: string } | null> {
  const place = {
    environment,
    flowId,
    node,
    source: run.source,
    lane: runLane,
    position: `${run.id}/${step}`,
    part: "0",
  };
  const cause = { causeCode: sentFromRun, causeMessage: `Sent from step ${step} of the run ${run.id}.` };
  await tx.deadLetter.createMany({
    data: {
      ...place,
      ...cause,
      ...{ flow, version, codec, fingerprint: `sent-from-run ${node}` },
      ...{ key: readKey(payload), value: readValue(payload), headers: writeHeaders(payload, run) },
      ...(original && {
        sourceKey: readKey(original),
        sourceValue: readValue(original),
        sourceHeaders: writeHeaders(original, run),
      }),
      // Its run is the one that it fails in, should it; not the one that it came from.
      ...{ timestamp: new Date(), attempts: 0, traceId: run.traceId, state: "sent" },
    },
    skipDuplicates: true,
  });
  const where = { environment_flowId_node_source_lane_position_part: place };
  const { id: letter } = await tx.deadLetter.findUniqueOrThrow({ where, select: { id: true } });
  const redrive = await tx.redrive.create({
    data: {
      ...{ environment, flowId, flow, ids: [letter], target: "node", by, createdAt: new Date() },
      ...{ asked: 1, chosen: true, state: "running" },
    },
    select: { id: true },
  });
  const { count } = await tx.deadLetter.updateMany({
    where: { id: letter, state: { notIn: ["queued", "sending"] } },
    data: {
      ...{
        state: "queued",
        target: "node",
        redriveId: redrive.id,
        claimedBy: null,
        claimedAt: null,
        reason: null,
        version,
        codec,
      },
      ...{ editedValue: edited?.value ?? null, editedFor: edited ? "node" : null },
      ...{ editedKey: null, editedHeaders: Prisma.DbNull },
    },
  });
  if (count > 0) return { letter, redrive: redrive.id };
  await tx.redrive.delete({ where: { id: redrive.id } });
  return null;
}

/** Its own, in the trace of its run, whose span is the parent of what follows; its run is kept in any case. */
function writeHeaders({ headers }: Payload, run: StepToSend["run"]): [string, string][] {
  const own = new Set([traceHeader, keepHeader[0], runHeader]);
  const first = headers.filter(([name]) => name === runHeader);
  const others = headers.filter(([name]) => !own.has(name));
  const trace = formatTraceparent({ traceId: run.traceId, spanId: run.spanId, sampled: true });
  const all = [...markResent([...others, ...first], run.id), [traceHeader, trace] as const, keepHeader];
  return all.map(([name, text]) => [name, Buffer.from(text).toString("base64")]);
}

function readKey({ key }: Payload): Uint8Array<ArrayBuffer> | null {
  return key === null ? null : new Uint8Array(Buffer.from(key));
}

function readValue({ value, encoding }: Payload): Uint8Array<ArrayBuffer> | null {
  return value === null ? null : new Uint8Array(Buffer.from(value, encoding === "base64" ? "base64" : "utf8"));
}
