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
      pending: [] as object[],
      looks: 0,
      scheduleCheckPendingRequests() {
        this.looks++;
      },
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
    queue: connection.requestQueue,
    silences,
    isBroken: () => socket.broken !== undefined,
    ask: (apiName: string, requestTimeout = requestPatienceMs) =>
      inflight.set(inflight.size, { entry: { apiName }, requestTimeout, sentAt: Date.now() }),
    answer() {
      inflight.clear();
      socket.bytesRead += 100;
    },
    end: () => connection.requestQueue.destroy(),
  };
}

type Connected = ReturnType<typeof connect>;

it("looks for what waits to be sent only where something does", () => {
  const { queue, end } = connect("a:1");
  queue.scheduleCheckPendingRequests();
  expect(queue.looks).toBe(0);
  queue.pending.push({});
  queue.scheduleCheckPendingRequests();
  expect(queue.looks).toBe(1);
  end();
});

it("breaks a silent connection, and those beside it that were not heard since: they are as dead", async () => {
  const [fetching, resting, writing, joining, speaking, asking, elsewhere] = Array.from({ length: 7 }, (_, at) =>
    connect(at < 6 ? "a:1" : "b:1"),
  ) as [Connected, Connected, Connected, Connected, Connected, Connected, Connected];
  resting.ask("Produce");
  resting.answer();
  await vi.advanceTimersByTimeAsync(1_000);
  joining.ask("JoinGroup", 30_000);
  fetching.ask("Fetch");
  await vi.advanceTimersByTimeAsync(1_000);
  writing.ask("Produce", 10_000);
  await vi.advanceTimersByTimeAsync(2_000);
  speaking.ask("Produce");
  speaking.answer();
  const dead = [fetching, resting, writing];
  await vi.advanceTimersByTimeAsync(requestPatienceMs - 3_500);
  asking.ask("Produce");
  // Behind the one that waits.
  writing.ask("Produce", 10_000);
  expect(dead.map((each) => each.isBroken())).toEqual([false, false, false]);

  await vi.advanceTimersByTimeAsync(1_000);
  expect(dead.map((each) => each.isBroken())).toEqual([true, true, true]);
  const words = "A fetch was not answered by a:1 for 6 s";
  expect(dead.map(({ silences }) => silences)).toEqual([[words], [], [words]]);
  // One waits for the other members, one was heard since, one has only just asked, one is another broker's.
  const alive = [joining, speaking, asking, elsewhere];
  expect(alive.map((each) => each.isBroken())).toEqual([false, false, false, false]);
  for (const each of alive) each.end();
});
