import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Connection } from "./client-parts";
import { Requests, requestPatienceMs } from "./requests";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection as kafkajs has it, of a client of its own. */
function connect(broker: string) {
  const inflight = new Map<number, { entry: { apiName: string }; requestTimeout: number; sentAt: number }>();
  const socket = { write: () => {}, bytesRead: 0, broken: undefined as Error | undefined };
  const connection = {
    broker,
    authHandlers: null,
    socket: Object.assign(socket, {
      destroy(error: Error) {
        socket.broken = error;
        connection.requestQueue.destroy();
      },
    }),
    isConnected: () => socket.broken === undefined,
    requestQueue: {
      inflight,
      requestTimeoutIntervalId: undefined as NodeJS.Timeout | undefined,
      scheduleRequestTimeoutCheck() {},
      destroy() {
        clearInterval(this.requestTimeoutIntervalId);
      },
    },
  };
  const requests = new Requests();
  const silences: string[] = [];
  requests.onSilence(({ message }) => silences.push(message));
  requests.watch(connection as unknown as Connection);
  connection.requestQueue.scheduleRequestTimeoutCheck();
  return {
    silences,
    isBroken: () => socket.broken !== undefined,
    ask: (apiName: string) =>
      inflight.set(inflight.size, { entry: { apiName }, requestTimeout: requestPatienceMs, sentAt: Date.now() }),
    answer() {
      inflight.clear();
      socket.bytesRead += 100;
    },
    end: () => connection.requestQueue.destroy(),
  };
}

it("breaks a silent connection, and those that rest beside it: they may be as dead", async () => {
  const [fetching, resting, speaking, asking, elsewhere] = ["a:1", "a:1", "a:1", "a:1", "b:1"].map(connect);
  resting!.ask("Produce");
  resting!.answer();
  await vi.advanceTimersByTimeAsync(1_000);
  fetching!.ask("Fetch");
  await vi.advanceTimersByTimeAsync(3_000);
  speaking!.ask("Produce");
  speaking!.answer();
  asking!.ask("Produce");
  await vi.advanceTimersByTimeAsync(requestPatienceMs - 3_500);
  expect([fetching, resting].map((each) => each!.isBroken())).toEqual([false, false]);

  await vi.advanceTimersByTimeAsync(1_000);
  expect(fetching!.silences).toEqual(["A fetch was not answered by a:1 for 6 s"]);
  expect([fetching, resting].map((each) => each!.isBroken())).toEqual([true, true]);
  // One was heard since, one waits for an answer of its own, one is another broker's.
  expect([speaking, asking, elsewhere].map((each) => each!.isBroken())).toEqual([false, false, false]);
  expect(resting!.silences).toEqual([]);
  for (const each of [speaking, asking, elsewhere]) each!.end();
});
