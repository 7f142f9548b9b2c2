import { createHash } from "node:crypto";
import type { HeldStep } from "../../flow/held-changes";
import type { HeldSummary } from "../../flow/held-search";
import type { HeldRow, HeldScope } from "../../flow/holding";
import type { RedisWord } from "../transport";

/** Where a row stands in a list. */
export type Place = Pick<HeldRow, "createdAt" | "id">;

/** As the script takes it. */
export function describeStep({ id, base, row }: HeldStep): RedisWord[] {
  if (row === null) return [id, base, ""];
  const { content, dueAt, ...rest } = row;
  const { node, kind, version, createdAt, status, steps, awaits, expiresAt, revision } = row;
  const marks = [...new Set(awaits)].map(digest);
  const indexed = [
    flowOf(row),
    kind,
    `${node} ${version}`,
    writeTime(createdAt),
    status,
    steps.join(" "),
    marks.join(" "),
  ];
  const times = [writeTime(dueAt), writeTime(expiresAt)];
  return [id, base, node, ...indexed, ...times, revision, JSON.stringify(rest), toBuffer(content)];
}

export function readSummary(rest: Buffer, due: Buffer): HeldSummary {
  const { awaits: _awaits, ...summary } = JSON.parse(rest.toString()) as Omit<HeldRow, "content" | "dueAt">;
  return { ...summary, dueAt: due.length === 0 ? null : Number(due.toString()) };
}

export function readAwaits(rest: Buffer): Pick<HeldRow, "awaits"> {
  return { awaits: (JSON.parse(rest.toString()) as Pick<HeldRow, "awaits">).awaits };
}

export function readPlaces(answer: unknown): Place[] {
  const words = readPairs(answer);
  return Array.from({ length: words.length / 2 }, (_, index) => ({
    id: words[2 * index]!,
    createdAt: Number(words[2 * index + 1]),
  }));
}

/** Pairs come flat, or each by itself, as client and server agreed to speak. */
export function readPairs(answer: unknown): string[] {
  return (answer as unknown[]).flat().map(String);
}

export function flowOf({ environment, flowId }: HeldScope): string {
  return `${environment}/${flowId}`;
}

export function writeTime(timeMs: number | null): string {
  return timeMs === null ? "" : String(Math.trunc(timeMs));
}

/** Addresses are of any length, and may have any sign. */
export function digest(address: string): string {
  return createHash("sha256").update(address).digest("hex").slice(0, 32);
}

export function toBuffer(content: Uint8Array): Buffer {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
