import { codecOf } from "./codecs";
import { type Header, Message } from "./message";
import { encodeUtf8 } from "./utf8";

/**
 * A message that is held, whole, as the content of its row (`HeldRow.content`): its bytes as they are, behind a head in JSON that says
 * which is which.
 */
export interface HeldMessage {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  readonly codec: string;
  readonly timestamp: number;
  /** By which it is known: where it came from, and the way it went to the node that holds it. */
  readonly place: HeldPlace;
  /** A person had sent it again when it came. */
  readonly resent: boolean;
  /** By which port it leaves when its time has come. */
  readonly port: string;
  /** Field of its body that takes the body of what it waits for. */
  readonly into?: readonly string[];
  /** As it came from its source, when a step had changed it. */
  readonly original?: Bytes;
}

export interface HeldPlace {
  readonly source: string;
  readonly lane: string;
  readonly position: string;
  readonly part: string;
}

interface Bytes {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** Lengths of the parts that follow the head; -1 = null. */
interface Lengths {
  readonly key: number;
  readonly value: number;
  readonly headers: readonly (readonly [name: string, length: number])[];
}

interface Head extends Lengths, Pick<HeldMessage, "codec" | "timestamp" | "port" | "into"> {
  readonly v: 1;
  readonly place: readonly [source: string, lane: string, position: string, part: string];
  readonly resent?: true;
  readonly original?: Lengths;
}

export function encodeHeldMessage(held: HeldMessage): Uint8Array {
  const { source, lane, position, part } = held.place;
  const head: Head = {
    v: 1,
    ...measure(held),
    codec: held.codec,
    timestamp: held.timestamp,
    place: [source, lane, position, part],
    port: held.port,
    ...(held.resent ? { resent: true } : {}),
    ...(held.into ? { into: held.into } : {}),
    ...(held.original ? { original: measure(held.original) } : {}),
  };
  const text = encodeUtf8(JSON.stringify(head));
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, text.length);
  return join([size, text, ...listParts(held), ...(held.original ? listParts(held.original) : [])]);
}

/** @throws Error for bytes that are none. */
export function decodeHeldMessage(bytes: Uint8Array): HeldMessage {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const head = JSON.parse(utf8.decode(bytes.subarray(4, 4 + size))) as Head;
  if (head.v !== 1) throw new Error(`A held message of format ${head.v} cannot be read by this version.`);
  let at = 4 + size;
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const read = ({ key, value, headers }: Lengths): Bytes => ({
    key: key < 0 ? null : take(key),
    value: value < 0 ? null : take(value),
    headers: headers.map(([name, length]): Header => [name, take(length)]),
  });
  const own = read(head);
  const [source, lane, position, part] = head.place;
  return {
    ...own,
    codec: head.codec,
    timestamp: head.timestamp,
    place: { source, lane, position, part },
    resent: head.resent === true,
    port: head.port,
    ...(head.into ? { into: head.into } : {}),
    ...(head.original ? { original: read(head.original) } : {}),
  };
}

/** The message again, to be read or changed. Its meta names the place at its source. */
export function openHeldMessage({ key, value, headers, codec, timestamp, place, resent }: HeldMessage): Message {
  const { source, lane, position, part } = place;
  const origin = { lane, position, part, resent };
  return new Message({
    key,
    value,
    headers,
    codec: codecOf(codec),
    meta: { source, lane, position, timestamp, attempt: 1, origin },
  });
}

function measure({ key, value, headers }: Bytes): Lengths {
  return {
    key: key?.length ?? -1,
    value: value?.length ?? -1,
    headers: headers.map(([name, bytes]) => [name, bytes.length] as const),
  };
}

function listParts({ key, value, headers }: Bytes): Uint8Array[] {
  return [key, value, ...headers.map(([, bytes]) => bytes)].filter((part) => part !== null);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const utf8 = new TextDecoder();
