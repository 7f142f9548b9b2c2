/** What this transport takes of rabbitmq-client beyond its documented interface, in one place: a new version of it is held against this. */
import type { Channel, Connection } from "rabbitmq-client";

interface HeaderFrame {
  readonly fields: { contentType?: string | undefined; declaredType?: string };
}

interface InnerConnection {
  readonly _opt?: { frameMax: number };
  readonly _state?: { readonly frameMax: number };
}

/** A message as these channels deliver it: its content type under a name of its own. */
export interface Declared {
  readonly declaredType?: string;
}

/**
 * Lets a channel deliver bodies as the bytes that came. The client reads `text/plain` and `application/json` by itself, which loses
 * bytes that are not UTF-8 and digits of large integers, and has no switch for it: here it does not get to see the content type.
 */
export function keepBytes(channel: Channel): Channel {
  const inner = channel as unknown as { _onHeader?: (frame: HeaderFrame) => void };
  const onHeader = inner._onHeader;
  if (typeof onHeader !== "function") throw new Error(unknownClient);
  inner._onHeader = (frame) => {
    const { fields } = frame;
    if (fields.contentType !== undefined) {
      fields.declaredType = fields.contentType;
      fields.contentType = undefined;
    }
    onHeader.call(channel, frame);
  };
  return channel;
}

/** The size of frames that was agreed on. The client cuts by the size that it had asked for: this mends it where the broker takes less. */
export function readFrameMax(connection: Connection): number {
  const { _opt: options, _state: state } = connection as unknown as InnerConnection;
  if (options === undefined || state === undefined) throw new Error(unknownClient);
  options.frameMax = Math.min(options.frameMax, state.frameMax);
  return options.frameMax;
}

interface InnerChannel {
  readonly _conn?: { readonly _socket?: { cork(): void; uncork(): void } };
}

/** Hands what is written meanwhile to the system in one go: the client does so for each message, which costs more than all else of it. */
export function writeTogether(channel: Channel, write: () => void): void {
  const socket = (channel as unknown as InnerChannel)._conn?._socket;
  if (socket === undefined) throw new Error(unknownClient);
  socket.cork();
  try {
    write();
  } finally {
    socket.uncork();
  }
}

const unknownClient = "This rabbitmq-client is not the one that is known here.";
