import { createHash } from "node:crypto";
import type { FlowSettings } from "../flow/document";
import type { Header, Message } from "../flow/message";
import type { EarlierCause } from "../flow/run-detail";
import type { Cause } from "../flow/verdict";
import { readEarlierCauses } from "./cause-chain";
import type { Flight, Place, Resent } from "./flight";
import type { Item } from "./items";

interface Bytes {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** A message that could not be worked, as it is kept. */
export interface DeadLetter extends Bytes, Place {
  readonly environment: string;
  readonly flowId: string;
  readonly flow: string;
  readonly version: number;
  readonly node: string;
  readonly cause: Cause;
  /** What went wrong before, oldest first. */
  readonly causes?: readonly EarlierCause[];
  /** Where it is also to be written. */
  readonly forward?: FlowSettings["deadLetters"];
  readonly fingerprint: string;
  readonly codec: string;
  readonly timestamp: number;
  /** As it came from its source, when a step had changed it. */
  readonly original?: Bytes;
  readonly attempts: number;
  readonly runId: string | null;
  readonly traceId: string | null;
  /** Id of the dead letter that was sent again and made this one. */
  readonly resentFrom?: string;
}

export const deadLetterHeader = "millrace-dead-letter-id";

/** Keeps a message whole: as it reached the node where it failed, and as it came. */
export function makeDeadLetter(flight: Flight, node: string, item: Item, cause: Cause, attempts: number): DeadLetter {
  const { version } = flight.pipeline;
  const { resent } = flight;
  const resentFrom = findResent(item.message, resent);
  const origin = flight.origins[item.origin]!;
  const reached = readBytes(item.message) ?? readBytes(origin) ?? { key: null, value: null, headers: [] };
  const original = findOriginal(flight, item, reached.value);
  return {
    environment: version.environment,
    flowId: version.flowId,
    flow: version.flow,
    version: version.version,
    node,
    ...flight.placeOf(item),
    cause,
    causes: readEarlierCauses(flight, node, item, cause),
    ...(version.deadLetters ? { forward: version.deadLetters } : {}),
    fingerprint: makeFingerprint(node, cause),
    ...reached,
    codec: item.message.codec.name,
    timestamp: origin.meta.timestamp,
    ...(original ? { original } : {}),
    attempts: attempts + (resent?.as === "letter" ? resent.attempts : 0),
    runId: flight.runIdOf(item.origin),
    traceId: flight.traceOf(item.origin).traceId,
    ...(resentFrom === undefined ? {} : { resentFrom }),
  };
}

/** Sent again and parked or held on its way, a dead letter is known by the header that it carries. */
function findResent(message: Message, resent: Resent | undefined): string | undefined {
  return resent && resent.as !== "letter" ? message.header(deadLetterHeader) : resent?.id;
}

/** The message as it came from its source; `undefined` when no step has changed it. */
export function findOriginal(flight: Flight, item: Item, value = readBytes(item.message)?.value): Bytes | undefined {
  const { resent } = flight;
  if (resent?.original || resent?.as === "letter" || resent?.as === "parked") return resent.original;
  const origin = flight.origins[item.origin]!;
  return item.parent === null || value === origin.value ? undefined : readBytes(origin);
}

/** Equal for equal causes at one node, whatever ids and numbers their words carry; the status of an HTTP answer is a cause of its own. */
export function makeFingerprint(node: string, cause: Cause): string {
  const words = cause.code === "http-status" ? cause.message : cause.message.replace(/\d+/g, "#");
  return createHash("sha256").update(`${node}\0${cause.code}\0${words}`).digest("hex").slice(0, 16);
}

/** `undefined` when the body has no bytes in its codec. */
function readBytes(message: Message): Bytes | undefined {
  try {
    return { key: message.key, value: message.value, headers: message.headers };
  } catch {
    return undefined;
  }
}
