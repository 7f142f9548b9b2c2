import { expect, test, vi } from "vitest";
import type { Message } from "../flow/message";
import { done, rejected, retryDependency, type Verdict } from "../flow/verdict";
import type { Pipeline } from "./pipeline";
import { SourceHost } from "./source-host";
import {
  collect,
  eventually,
  makeContext,
  makeHostOptions,
  makeMessages,
  openDelivery,
  openPipeline,
  openTestSource,
  silent,
  type TestNode,
} from "./testing";

async function openHost(settles: "contiguous" | "individual", nodes: Record<string, TestNode>) {
  const source = openTestSource(settles);
  const opened = openDelivery();
  const current = { pipeline: await openPipeline({ in: { targets: { out: [Object.keys(nodes)[0]!] } }, ...nodes }) };
  const statuses: string[] = [];
  const host = new SourceHost(
    makeHostOptions(source.behaviour, () => current.pipeline, opened.delivery, {
      // As in a worker without time to spare; calls have a window of their own.
      window: () => {
        const window = current.pipeline.window();
        return window.batch < 500 ? window : { flights: 1, messages: 500, batch: 500, bytes: 500_000, together: 500 };
      },
      onStatus: (status) => statuses.push(status.is),
    }),
  );
  host.start();
  await eventually(() => statuses.includes("running"));
  const swap = async (next: Record<string, TestNode>) => {
    const before: Pipeline = current.pipeline;
    current.pipeline = await openPipeline({ in: { targets: { out: [Object.keys(next)[0]!] } }, ...next }, 2);
    await before.drain();
    await before.close();
  };
  return { source, host, current, statuses, swap, ...opened };
}

const never = new AbortController().signal;
const refused: Verdict = rejected("refused", "No.");
const away: Verdict = retryDependency("broker-unreachable", "Away.");
/** A sink whose writes wait until the test opens the gate. */
function makeGate(into: unknown[]) {
  const waiting: (() => void)[] = [];
  let open = false;
  return {
    waiting,
    release: () => {
      open = true;
      for (const go of waiting.splice(0)) go();
    },
    sink: async (messages: readonly Message[]) => {
      if (!open) await new Promise<void>((resolve) => waiting.push(resolve));
      for (const message of messages) into.push(message.body);
      return messages.map(() => done);
    },
  };
}

test("a contiguous lane settles the last position of each batch, in order, after its sinks", async () => {
  const out: unknown[] = [];
  const { source, host } = await openHost("contiguous", { sink: { sink: collect(out) } });
  source.handlers.assigned("lane", 1);
  await source.handlers.deliver("lane", 1, makeMessages(1_200));
  await eventually(() => out.length === 1_200);
  await eventually(() => source.settled.at(-1)?.position === "1199");
  expect(source.settled.map(({ position }) => position)).toEqual(["499", "999", "1199"]);
  expect(out).toEqual(makeMessages(1_200).map((message) => message.body));
  await host.stop(100);
  expect(source.stopped()).toBe(true);
});

test("a full lane lets its source wait, and shows it", async () => {
  const out: unknown[] = [];
  const gate = makeGate(out);
  const { source, host } = await openHost("contiguous", { sink: { sink: gate.sink } });
  source.handlers.assigned("lane", 1);
  let admitted = false;
  void source.handlers.deliver("lane", 1, makeMessages(3_000)).then(() => {
    admitted = true;
  });
  await eventually(() => gate.waiting.length === 1);
  expect(admitted).toBe(false);
  expect(host.lanes()).toMatchObject([{ lane: "lane", full: true, inFlight: 3_000, position: null }]);
  gate.release();
  await eventually(() => admitted);
  await eventually(() => out.length === 3_000);
  expect(host.lanes()).toMatchObject([{ full: false, position: "2999" }]);
  await host.stop(100);
});

test("a lane that waits for a dependency does not hold another", async () => {
  const out: unknown[] = [];
  const { source, host } = await openHost("contiguous", {
    sink: {
      sink: async (messages, signal) =>
        messages[0]!.meta.lane === "a" ? messages.map(() => away) : collect(out)(messages, signal),
    },
  });
  source.handlers.assigned("a", 1);
  source.handlers.assigned("b", 1);
  void source.handlers.deliver("a", 1, makeMessages(3, 0, "a"));
  void source.handlers.deliver("b", 1, makeMessages(3, 0, "b"));
  await eventually(() => out.length === 3);
  expect(source.settled.map(({ lane }) => lane)).toEqual(["b"]);
  await host.stop(0);
});

test("a new version takes over between two batches: nothing is lost, nothing twice, order kept", async () => {
  const first: unknown[] = [];
  const second: unknown[] = [];
  const gate = makeGate(first);
  const { source, host, swap } = await openHost("contiguous", { sink: { sink: gate.sink } });
  source.handlers.assigned("lane", 1);
  void source.handlers.deliver("lane", 1, makeMessages(1_500));
  await eventually(() => gate.waiting.length === 1);
  const swapped = swap({ sink: { sink: collect(second) } });
  gate.release();
  await swapped;
  await eventually(() => source.settled.at(-1)?.position === "1499");
  // One batch was begun; what was not goes to the new version.
  expect(first).toHaveLength(500);
  expect([...first, ...second]).toEqual(makeMessages(1_500).map((message) => message.body));
  await host.stop(100);
});

test("what an old version waits for in vain goes to the new one", async () => {
  const out: unknown[] = [];
  let closed = 0;
  let refused = 0;
  const { source, host, swap } = await openHost("contiguous", {
    sink: {
      sink: async (messages) => {
        refused++;
        return messages.map(() => away);
      },
      close: () => {
        closed++;
      },
    },
  });
  source.handlers.assigned("lane", 1);
  void source.handlers.deliver("lane", 1, makeMessages(20));
  await eventually(() => refused > 1);
  await swap({ sink: { sink: collect(out) } });
  await eventually(() => source.settled.length > 0);
  expect(out).toEqual(makeMessages(20).map((message) => message.body));
  expect(closed).toBe(1);
  await host.stop(100);
});

test("a revoked lane takes nothing more; revoked resolves when nothing of it is worked", async () => {
  const out: unknown[] = [];
  const gate = makeGate(out);
  const { source, host } = await openHost("contiguous", { sink: { sink: gate.sink } });
  source.handlers.assigned("lane", 1);
  void source.handlers.deliver("lane", 1, makeMessages(1_400));
  await eventually(() => gate.waiting.length === 1);
  let revoked = false;
  const revoking = source.handlers.revoked("lane", 1).then(() => {
    revoked = true;
  });
  await source.handlers.deliver("lane", 1, makeMessages(10, 1_400));
  expect(revoked).toBe(false);
  gate.release();
  await revoking;
  expect(out).toHaveLength(500);
  // What ended before the lane was given up is settled, under its epoch.
  expect(source.settled.at(-1)).toEqual({ lane: "lane", epoch: 1, position: "499", outcome: "done" });
  await host.stop(0);
});

test("a new epoch of a lane begins only when the work of the old one has ended", async () => {
  const log: string[] = [];
  let finish = () => {};
  const { source, host } = await openHost("contiguous", {
    sink: {
      sink: async (messages) => {
        const name = String(messages[0]!.body);
        log.push(`${name} begins`);
        if (name === "0") await new Promise<void>((resolve) => (finish = resolve));
        log.push(`${name} ends`);
        return messages.map(() => done);
      },
    },
  });
  source.handlers.assigned("lane", 1);
  void source.handlers.deliver("lane", 1, makeMessages(1, 0));
  await eventually(() => log.length === 1);
  source.handlers.assigned("lane", 2);
  void source.handlers.deliver("lane", 2, makeMessages(1, 1));
  await source.handlers.deliver("lane", 1, makeMessages(1, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(log).toEqual(["0 begins"]);
  finish();
  await eventually(() => log.length === 4);
  expect(log).toEqual(["0 begins", "0 ends", "1 begins", "1 ends"]);
  await host.stop(0);
});

test("individual messages that are called for run side by side and are settled each on its own", async () => {
  let finish = () => {};
  const { source, host } = await openHost("individual", {
    call: {
      mode: "call",
      step: async (message) => {
        if (message.body === 0) await new Promise<void>((resolve) => (finish = resolve));
        return { emit: [] };
      },
    },
  });
  source.handlers.assigned("jobs", 1);
  await source.handlers.deliver("jobs", 1, makeMessages(5, 0, "jobs"));
  await eventually(() => source.settled.length === 4);
  expect(source.settled.map(({ position }) => position)).toEqual(["1", "2", "3", "4"]);
  expect(host.lanes()).toMatchObject([{ inFlight: 1 }]);
  finish();
  await eventually(() => source.settled.length === 5);
  await host.stop(100);
  expect(source.released).toEqual([]);
});

test("individual messages that came together are written together, and one by one while any is tried again", async () => {
  const writes: unknown[][] = [];
  let isAway = true;
  const { source, host } = await openHost("individual", {
    sink: {
      sink: async (messages) => {
        const bodies = messages.map(({ body }) => body);
        writes.push(bodies);
        return bodies.map((body) => (body === 2 && isAway ? away : body === 1 ? refused : done));
      },
    },
  });
  source.handlers.assigned("jobs", 1);
  await source.handlers.deliver("jobs", 1, makeMessages(3, 0, "jobs"));
  await eventually(() => writes.length > 1);
  expect(writes.slice(0, 2)).toEqual([[0, 1, 2], [2]]);
  expect(source.settled).toEqual([]);
  await source.handlers.deliver("jobs", 1, makeMessages(2, 3, "jobs"));
  await eventually(() => source.settled.length === 2);
  expect(writes).toEqual(expect.arrayContaining([[3], [4]]));
  isAway = false;
  await eventually(() => source.settled.length === 5);
  expect(source.settled.map(({ position, outcome }) => [position, outcome]).sort()).toEqual([
    ["0", "done"],
    ["1", "dead"],
    ["2", "done"],
    ["3", "done"],
    ["4", "done"],
  ]);
  await host.stop(100);
});

test("at a stop, individual messages that are only tried again are handed back", async () => {
  const { source, host } = await openHost("individual", {
    sink: { sink: async (messages) => messages.map(() => away) },
  });
  source.handlers.assigned("jobs", 1);
  await source.handlers.deliver("jobs", 1, makeMessages(3, 0, "jobs"));
  await host.stop(5_000);
  expect(source.settled).toEqual([]);
  expect(source.released.sort()).toEqual(["0", "1", "2"]);
  expect(source.stopped()).toBe(true);
});

test("messages that come before the source has answered are settled all the same", async () => {
  const source = openTestSource("contiguous");
  const out: unknown[] = [];
  const pipeline = await openPipeline({ in: { targets: { out: ["sink"] } }, sink: { sink: collect(out) } });
  const { delivery } = openDelivery();
  const host = new SourceHost(
    makeHostOptions(
      {
        ...source.behaviour,
        open: async (config, context, handlers) => {
          handlers.assigned("lane", 1);
          await handlers.deliver("lane", 1, makeMessages(3));
          await new Promise((resolve) => setTimeout(resolve, 20));
          return source.behaviour.open(config, context, handlers);
        },
      },
      () => pipeline,
      delivery,
    ),
  );
  host.start();
  await eventually(() => source.settled.length === 1);
  expect(source.settled[0]!.position).toBe("2");
  await host.stop(100);
});

test("a source that cannot be opened is tried again, with its cause", async () => {
  let opens = 0;
  const causes: (string | undefined)[] = [];
  const source = openTestSource("contiguous");
  const host = new SourceHost({
    node: "in",
    behaviour: {
      ...source.behaviour,
      open: async (config, context, handlers) => {
        if (++opens < 3) throw new Error("not yet");
        return source.behaviour.open(config, context, handlers);
      },
    },
    config: {},
    groupId: "group",
    worker: "w-1",
    start: { from: "kind" },
    delivery: "at-least-once",
    context: () => makeContext("in"),
    begin: () => {
      throw new Error("nothing comes");
    },
    window: () => ({ flights: 1, messages: 1, batch: 1, bytes: 1, together: 1 }),
    deliver: async () => true,
    onStatus: (status) => causes.push(status.cause?.code ?? status.is),
    log: silent,
  });
  host.start();
  await eventually(() => causes.includes("running"));
  expect(causes).toEqual(["starting", "node-crashed", "node-crashed", "running"]);
  await host.stop(100);
});

test("a lane that ends lets the calls end that were begun, settles what is whole, and begins no more", async () => {
  let calls = 0;
  const out: unknown[] = [];
  const { source, host } = await openHost("contiguous", {
    call: {
      mode: "call",
      calls: { concurrency: 10, order: "none" },
      step: async (message) => {
        calls++;
        await new Promise((resolve) => setTimeout(resolve, 10));
        return { emit: [{ port: "out", message }] };
      },
      targets: { out: ["sink"] },
    },
    sink: { sink: collect(out) },
  });
  source.handlers.assigned("lane", 1);
  void source.handlers.deliver("lane", 1, makeMessages(400));
  await eventually(() => out.length > 0);
  await host.stop(10_000);
  expect(calls).toBeLessThan(300);
  expect(source.settled.at(-1)?.position).toBe(String(out.length - 1));
  // At most one batch was begun and is called again.
  expect(calls - out.length).toBeLessThan(60);
});

test("a lane whose sink never answers stands still, and says so; it goes on when the sink does", async () => {
  const out: unknown[] = [];
  const gate = makeGate(out);
  const { source, host } = await openHost("contiguous", { sink: { sink: gate.sink } });
  source.handlers.assigned("lane", 1);
  await source.handlers.deliver("lane", 1, makeMessages(10));
  await eventually(() => gate.waiting.length === 1);
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    expect(host.lanes()).toMatchObject([{ state: "flowing", inFlight: 10 }]);
    for (let looks = 0; looks < 6; looks++) {
      vi.advanceTimersByTime(2_000);
      host.lanes();
    }
    expect(host.lanes()).toMatchObject([
      { state: "stalled", cause: { code: "lane-stalled", message: expect.stringContaining("an answer of `sink`") } },
    ]);
    gate.release();
    await eventually(() => out.length === 10);
    await eventually(() => host.lanes()[0]?.state === "idle");
    expect(host.lanes()[0]).not.toHaveProperty("cause");
  } finally {
    vi.useRealTimers();
    await host.stop(100);
  }
});

test("a lane tells why its messages are tried again, and remembers it as its last error", async () => {
  const out: unknown[] = [];
  let isAway = true;
  const sink = async (messages: readonly Message[]) =>
    isAway ? messages.map(() => away) : collect(out)(messages, never);
  const { source, host } = await openHost("contiguous", { sink: { sink } });
  source.handlers.assigned("lane", 1);
  await source.handlers.deliver("lane", 1, makeMessages(3));
  await eventually(() => host.lanes()[0]?.state === "retrying");
  expect(host.lanes()).toMatchObject([{ cause: { code: "broker-unreachable" }, lastError: { message: "Away." } }]);
  isAway = false;
  await eventually(() => host.lanes()[0]?.state === "idle");
  expect(host.lanes()).toMatchObject([{ lastError: { code: "broker-unreachable", at: expect.any(Number) } }]);
  await host.stop(100);
});

test("a lane that was taken away is told until the source is well again", async () => {
  const { source, host } = await openHost("contiguous", { sink: { sink: collect([]) } });
  source.handlers.assigned("lane", 1);
  source.handlers.state({ is: "degraded", cause: { code: "broker-unreachable", message: "Away." } });
  await source.handlers.revoked("lane", 1);
  expect(host.lanes()).toMatchObject([{ lane: "lane", gone: true, state: "retrying", cause: { message: "Away." } }]);
  source.handlers.state({ is: "running" });
  expect(host.lanes()).toEqual([]);
  await host.stop(100);
});
