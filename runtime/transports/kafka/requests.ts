import type { Connection } from "./client-parts";

/** A broker that says nothing for so long, although it was asked, is not there: its connection is broken, and the next try makes a new one. */
const patienceMs = 6_000;
const tickMs = 250;
/** A tick that comes later than this is the process itself that stood still, or a clock that was set. */
const lateMs = 1_000;

/** A request that was sent and not answered. */
export interface OpenRequest {
  /** As the protocol calls it: `Fetch`, `OffsetCommit`. */
  readonly name: string;
  readonly broker: string;
  readonly since: number;
}

/** A connection broke because its broker fell silent. */
export class SilenceError extends Error {
  override readonly name = "SilenceError";
  constructor({ name, broker }: OpenRequest, ms: number) {
    super(`${nameRequest(name)} was not answered by ${broker} for ${Math.round(ms / 1_000)} s`);
  }
}

/** Beside a connection that has fallen silent, another has kept a request waiting long enough after this. */
const suspectMs = 3_000;
/** They need not have fallen silent at one moment; and what is heard is seen a tick later. */
const apartMs = 1_000;
/** What may wait longer than this has a reason to: joining a group. */
const longestPatienceMs = 10_000;

interface Heard {
  /** When it was heard the last time, in milliseconds since the epoch. */
  at: number;
  readonly by: Requests;
}

/** Connections of all clients of this process. */
const heard = new Map<Connection, Heard>();

/**
 * The requests of one client, over all its connections. kafkajs gives up a request that is not answered, but keeps its connection, on
 * which nothing may ever be answered again (a host that vanished, a proxy that lost its other side): here the connection goes with it.
 * A broker answers in order, so any byte of an answer is a sign of life; joining a group takes as long as its members do.
 */
export class Requests {
  /** The id under which a member waits to be let into its group; kafkajs tells it only when it is in. */
  joiningAs = "";
  #onSilence: (error: SilenceError) => void = () => {};
  #isBroken = false;

  /** Calls when a connection was broken for its silence. */
  onSilence(listener: (error: SilenceError) => void): void {
    this.#onSilence = listener;
  }

  /** Watches a connection as long as it is connected, in place of kafkajs's own clock. */
  watch(connection: Connection): void {
    const queue = connection.requestQueue;
    const destroy = queue.destroy.bind(queue);
    queue.destroy = () => {
      heard.delete(connection);
      destroy();
    };
    const lookLater = queue.scheduleCheckPendingRequests.bind(queue);
    // kafkajs looks again every millisecond for as long as it is connected, even when nothing waits to be sent.
    queue.scheduleCheckPendingRequests = () => {
      if (queue.pending.length > 0) lookLater();
    };
    queue.scheduleRequestTimeoutCheck = () => {
      queue.destroy();
      heard.set(connection, { at: Date.now(), by: this });
      const check = this.#makeCheck(connection);
      queue.requestTimeoutIntervalId = setInterval(() => {
        if (connection.isConnected()) check();
        else queue.destroy();
      }, tickMs);
    };
  }

  /** The one that has waited longest. */
  oldest(): OpenRequest | undefined {
    let oldest: OpenRequest | undefined;
    for (const { broker, requestQueue } of this.#connections()) {
      for (const { entry, sentAt } of requestQueue.inflight.values()) {
        if (sentAt === null || (oldest && oldest.since <= sentAt)) continue;
        oldest = { name: entry.apiName, broker, since: sentAt };
      }
    }
    return oldest;
  }

  /** Breaks every connection, for good: nothing is sent any more. */
  break(): void {
    this.#isBroken = true;
    for (const { socket } of this.#connections()) socket.destroy(new Error("the connection was closed"));
  }

  /** @throws when it was broken. */
  refuseWhenBroken(): void {
    if (this.#isBroken) throw new Error("the connection was closed");
  }

  #connections(): Connection[] {
    return [...heard].flatMap(([connection, { by }]) => (by === this ? [connection] : []));
  }

  #breakSilent(connection: Connection, error: SilenceError): void {
    const isWaiting = connection.requestQueue.inflight.size > 0 || Boolean(connection.authHandlers);
    connection.socket.destroy(error);
    // Who asked nothing has lost nothing.
    if (isWaiting) this.#onSilence(error);
  }

  #makeCheck(connection: Connection): () => void {
    let last = Date.now();
    let bytes = 0;
    let signingInSince: number | undefined;
    return () => {
      const now = Date.now();
      const late = now - last - tickMs;
      last = now;
      const requests = [...connection.requestQueue.inflight.values()];
      const own = heard.get(connection)!;
      if (Math.abs(late) > lateMs) {
        own.at += late;
        if (signingInSince !== undefined) signingInSince += late;
        for (const request of requests) if (request.sentAt !== null) request.sentAt += late;
      }
      if (connection.socket.bytesRead !== bytes) {
        bytes = connection.socket.bytesRead;
        own.at = now;
      }
      const { broker } = connection;
      signingInSince = connection.authHandlers ? (signingInSince ?? now) : undefined;
      const waiting = requests.map(({ entry, sentAt, requestTimeout }) => ({
        name: entry.apiName,
        since: sentAt ?? now,
        patience: requestTimeout,
      }));
      if (signingInSince !== undefined)
        waiting.push({ name: "SaslAuthenticate", since: signingInSince, patience: patienceMs });
      for (const { name, since, patience } of waiting) {
        const silentMs = now - Math.max(since, own.at);
        if (silentMs <= patience) continue;
        const error = new SilenceError({ name, broker, since }, silentMs);
        for (const [each, { by }] of [[connection, own] as const, ...findSuspects(connection, since, now)])
          by.#breakSilent(each, error);
        return;
      }
    };
  }
}

/**
 * Where one connection has fallen silent, others to the same broker that were not heard since either are as dead, and would only be found so
 * when their own requests, or their next, have waited in vain: the waits would add up.
 */
function findSuspects(silent: Connection, since: number, now: number): [Connection, Heard][] {
  return [...heard].filter(([connection, { at }]) => {
    if (connection === silent || connection.broker !== silent.broker || at >= since + apartMs) return false;
    const requests = [...connection.requestQueue.inflight.values()];
    if (requests.some(({ requestTimeout }) => requestTimeout > longestPatienceMs)) return false;
    // Answers come in order: those behind the oldest wait for it.
    return requests.length === 0 || requests.some(({ sentAt }) => now - (sentAt ?? now) >= suspectMs);
  });
}

export const requestPatienceMs = patienceMs;

const requestNames: Record<string, string> = {
  Fetch: "A fetch",
  Produce: "A write",
  OffsetCommit: "A commit of positions",
  OffsetFetch: "A question for positions",
  ListOffsets: "A question for the end of the log",
  Metadata: "A question for metadata",
  GroupCoordinator: "A question for the group's coordinator",
  Heartbeat: "A heartbeat",
  JoinGroup: "Joining the group",
  SyncGroup: "The assignment of lanes",
  LeaveGroup: "Leaving the group",
  EndTxn: "The end of a transaction",
};

/** A kind of request in words, as the beginning of a sentence. */
export function nameRequest(name: string): string {
  return requestNames[name] ?? `A request (${name})`;
}
