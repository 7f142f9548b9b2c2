import type { LetterMapping } from "@/flow/printed-mapping";
import type { DeadLetterView, MessageView } from "@/server/views";
import type { Scope } from "../form/environment";
import { printPayload } from "../payload/json-diff";
import type { MappingDraft, WrittenLetter } from "./redrive-edit";

/** Which dead letters of a flow: those of a cause, or all that wait. */
export interface LettersOf {
  flow: string;
  /** Absent: of whatever cause. */
  fingerprint?: string;
  count: number;
}

export type Target = "node" | "source";

/** What was not written stays, byte for byte. */
interface EditByHand {
  value: string | null;
  encoding: "text";
  key?: string | null;
  headers?: [string, string][];
}

/** What the dialog asks the server for. */
export interface RedriveRequest {
  ids?: string[];
  flow?: string;
  fingerprint?: string;
  where?: string;
  rate?: number;
  pauseAfter?: number;
  target: Target;
  edit?: EditByHand | LetterMapping;
}

/** A message as the fields begin with it. */
export function writeOut(message: MessageView | undefined): WrittenLetter {
  const { key, headers, value, encoding } = message ?? { key: null, headers: [], value: null, encoding: "text" };
  return { key, headers, value: value === null || encoding === "base64" ? null : printPayload(value) };
}

/** The edit that was written, against the message that the fields began with. A header without name and value was never filled in. */
export function readWritten(begin: MessageView, { key, value, headers }: WrittenLetter): EditByHand {
  const first = writeOut(begin);
  const named = headers.filter(([name, text]) => name !== "" || text !== "");
  return {
    value: value === first.value ? begin.value : value,
    encoding: "text",
    ...(key === begin.key ? {} : { key }),
    ...(JSON.stringify(named) === JSON.stringify(begin.headers) ? {} : { headers: named }),
  };
}

/** The mapping that was written, or `null` while it says nothing yet: no field, or one without a value. */
export function readDraft({ way, set, cel }: MappingDraft): LetterMapping | null {
  if (way === "cel") return cel.trim() ? { cel: cel.trim() } : null;
  const pairs = Object.entries(set).map(([field, source]) => [field, source.trim()] as const);
  return pairs.length > 0 && pairs.every(([, source]) => source) ? { set: Object.fromEntries(pairs) } : null;
}

/** Why what was typed is no number of messages, in words. Empty: no limit. */
export function refuseNumber(typed: string): string | null {
  if (typed.trim() === "") return null;
  const number = Number(typed);
  return Number.isInteger(number) && number >= 1 && number <= 100_000 ? null : "A whole number from 1 to 100,000.";
}

/** A dead letter as an expression over dead letters sees it. */
export function scopeOfView(letter: DeadLetterView): Scope {
  const { key, headers, causeCode, causeMessage, causeDetail, node, version, attempts, source, lane, position } =
    letter;
  const cause = { code: causeCode, message: causeMessage, ...(causeDetail === null ? {} : { detail: causeDetail }) };
  const meta = { source, lane, position, timestamp: letter.createdAt.getTime(), attempt: attempts };
  const seen = { key, headers: Object.fromEntries(headers), meta, cause, node, version, attempts };
  const body = readBody(letter);
  return { values: body === undefined ? seen : { ...seen, body }, words: `the dead letter ${key ?? position}` };
}

function readBody({ value, encoding, codec }: DeadLetterView): unknown {
  if (value === null || codec === "text") return value;
  if (encoding === "base64" || codec === "bytes") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
