import type { HeldSummary } from "../../flow/held-search";
import type { HeldRow } from "../../flow/holding";
import { withoutNul } from "./message-columns";
import { shortenPosition } from "./position";

export interface Column {
  readonly name: string;
  /** As it is handed over, an array of it for all rows. */
  readonly given: string;
  /** As the table has it, where that is something else. */
  readonly kept?: string;
  /** Never another once the row is there. */
  readonly stays?: true;
  readonly of: (row: HeldRow) => unknown;
}

/** Of the table `Held`, all but `content`. A list in a row is handed over as the text of an array: `unnest` would take an array of arrays apart. */
export const heldColumns: readonly Column[] = [
  { name: "id", given: "uuid", stays: true, of: (row) => row.id },
  { name: "environment", given: "text", stays: true, of: (row) => row.environment },
  { name: "flowId", given: "text", stays: true, of: (row) => row.flowId },
  { name: "node", given: "text", stays: true, of: (row) => row.node },
  { name: "kind", given: "text", stays: true, of: (row) => row.kind },
  { name: "key", given: "text", stays: true, of: (row) => toIndexed(row.key) },
  { name: "version", given: "int", stays: true, of: (row) => row.version },
  { name: "createdAt", given: "text", kept: "timestamp", stays: true, of: (row) => toTimestamp(row.createdAt) },
  { name: "revision", given: "int", of: (row) => row.revision },
  { name: "status", given: "text", of: (row) => row.status },
  { name: "steps", given: "text", kept: "text[]", of: (row) => toArrayText(row.steps) },
  { name: "dueAt", given: "text", kept: "timestamp", of: (row) => toTimestamp(row.dueAt) },
  { name: "awaits", given: "text", kept: "text[]", of: (row) => toArrayText(row.awaits.map(toIndexed)) },
  { name: "errorNode", given: "text", of: (row) => row.error?.node ?? null },
  { name: "errorCode", given: "text", of: (row) => row.error?.code ?? null },
  { name: "errorMessage", given: "text", of: (row) => (row.error ? withoutNul(row.error.message) : null) },
  { name: "traceId", given: "text", of: (row) => row.traceId },
  { name: "updatedAt", given: "text", kept: "timestamp", of: (row) => toTimestamp(row.updatedAt) },
  { name: "endedAt", given: "text", kept: "timestamp", of: (row) => toTimestamp(row.endedAt) },
  { name: "expiresAt", given: "text", kept: "timestamp", of: (row) => toTimestamp(row.expiresAt) },
];

/** The last that both Postgres and a text of four digits a year know. */
const lastMs = Date.UTC(9999, 11, 31);

/** As a column of timestamps takes it: UTC. */
export function toTimestamp(timeMs: number): string;
export function toTimestamp(timeMs: number | null): string | null;
export function toTimestamp(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(Math.min(Math.max(timeMs, 0), lastMs)).toISOString();
}

/** A text as an index can hold it: one that is long, or has a sign that Postgres does not keep, becomes its beginning and a digest. */
export function toIndexed(text: string): string {
  return text.includes("\0") ? withoutNul(shortenPosition(text + pastAnyLength)) : shortenPosition(text);
}
const pastAnyLength = " ".repeat(501);

function toArrayText(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/[\\"]/g, "\\$&")}"`).join(",")}}`;
}

/** Selects a summary's columns of the table that is called `held`. */
export const summaryColumns = `held.id, held.environment, held."flowId", held.node, held.kind, held.key, held.version, held.revision, held.status,
  held.steps, held."errorNode", held."errorCode", held."errorMessage", held."traceId",
  ${["dueAt", "createdAt", "updatedAt", "endedAt", "expiresAt"].map((name) => `${toMs(`held."${name}"`)} AS "${name}"`).join(", ")}`;
export const rowColumns = `${summaryColumns}, held.awaits, held.content`;

export function toMs(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`;
}

export interface SummaryRecord extends Omit<HeldSummary, "error"> {
  readonly errorNode: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

export interface RowRecord extends SummaryRecord, Pick<HeldRow, "awaits" | "content"> {}

export function readSummary(record: SummaryRecord): HeldSummary {
  const { id, environment, flowId, node, kind, key, version, revision, status, steps, dueAt, traceId } = record;
  const { createdAt, updatedAt, endedAt, expiresAt } = record;
  const error =
    record.errorNode === null
      ? null
      : { node: record.errorNode, code: record.errorCode ?? "", message: record.errorMessage ?? "" };
  const times = { dueAt, createdAt, updatedAt, endedAt, expiresAt };
  return { id, environment, flowId, node, kind, key, version, revision, status, steps, error, traceId, ...times };
}

export function readRow(record: RowRecord): HeldRow {
  return { ...readSummary(record), awaits: record.awaits, content: record.content };
}
