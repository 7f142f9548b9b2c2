import "server-only";
import { CodecError } from "@/flow/codec";
import type { HeldSummary } from "@/flow/held-search";
import { decodeSaga } from "@/flow/saga/coding";
import type { SagaState } from "@/flow/saga/state";
import { Prisma } from "@/prisma/generated/client";
import type { Db } from "../database";
import { refusal } from "../refusal";
import type { SagaStatus, SagaSummary } from "../saga-views";
import { findShelves, readOnShelf } from "./held-shelves";
import type { NodeTitles } from "./node-titles";

/** A stored saga, without what it holds. */
export interface SagaRow {
  id: string;
  flowId: string;
  version: number;
  node: string;
  key: string;
  status: SagaStatus;
  steps: string[];
  errorNode: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  createdAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
  dueAt: Date | null;
  expiresAt: Date | null;
  traceId: string | null;
}

export const sagaColumns = Prisma.sql`
  id::text AS id, "flowId", version, node, key, status, steps, "errorNode", "errorCode", "errorMessage",
  "createdAt", "updatedAt", "endedAt", "dueAt", "expiresAt", "traceId"`;

/** A saga of this environment: where every look at them begins. */
export const whereSaga = (environment: string) => Prisma.sql`environment = ${environment} AND kind = 'saga'`;

/** Those that have not ended. */
export const inFlight = Prisma.sql`status NOT IN ('completed', 'compensated')`;

/** `names` are the flows' present names by id, `titles` those of its version's nodes. */
export function summarizeSaga(row: SagaRow, names: ReadonlyMap<string, string>, titles: NodeTitles): SagaSummary {
  const { id, flowId, version, node, key, status, steps, updatedAt, endedAt, dueAt, traceId } = row;
  const { errorNode, errorCode, errorMessage } = row;
  return {
    id,
    flow: names.get(flowId) ?? flowId,
    version,
    start: node,
    key,
    status,
    steps,
    stepTitles: steps.map((step) => titles.get(step) ?? step),
    error:
      errorCode === null
        ? null
        : {
            node: errorNode ?? node,
            title: titles.get(errorNode ?? node) ?? errorNode ?? node,
            code: errorCode,
            message: errorMessage ?? "",
          },
    startedAt: row.createdAt,
    updatedAt,
    endedAt,
    dueAt,
    forgottenAt: row.expiresAt,
    traceId,
  };
}

export interface HeldSaga extends SagaRow {
  content: Uint8Array;
}

/**
 * Sagas with what they hold, wherever they rest, in no order.
 * @throws TRPCError when some are not in Postgres, flows hold in a Redis, and no worker can be asked about that
 */
export async function readHeldSagas(db: Db, environment: string, ids: readonly string[]): Promise<HeldSaga[]> {
  const known = ids.filter((id) => uuidPattern.test(id));
  if (known.length === 0) return [];
  const found = await db.$queryRaw<HeldSaga[]>`
    SELECT ${sagaColumns}, content FROM "Held" WHERE ${whereSaga(environment)} AND id = ANY(${known}::uuid[])`;
  const seen = new Set(found.map(({ id }) => id));
  const left = known.filter((id) => !seen.has(id));
  if (left.length === 0) return found;
  for (const shelf of await findShelves(db, environment)) {
    const rows = await readOnShelf(environment, shelf, left);
    found.push(
      ...rows.filter(({ kind }) => kind === "saga").map((row) => ({ ...makeSagaRow(row), content: row.content })),
    );
  }
  return found;
}

/** A saga that a worker has read. */
export function makeSagaRow(row: HeldSummary): SagaRow {
  const { id, flowId, version, node, key, steps, error, traceId } = row;
  const readTime = (time: number | null) => (time === null ? null : new Date(time));
  return {
    id,
    flowId,
    version,
    node,
    key,
    status: row.status as SagaStatus,
    steps: [...steps],
    errorNode: error?.node ?? null,
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    endedAt: readTime(row.endedAt),
    dueAt: readTime(row.dueAt),
    expiresAt: readTime(row.expiresAt),
    traceId,
  };
}

/** @throws TRPCError for one that a newer Millrace wrote */
export function readSagaState({ id, content }: Pick<HeldSaga, "id" | "content">): SagaState {
  try {
    return decodeSaga(content);
  } catch (error) {
    if (error instanceof CodecError) throw refusal("PRECONDITION_FAILED", "saga-unreadable", `${id}: ${error.message}`);
    throw error;
  }
}

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
