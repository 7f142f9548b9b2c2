import { vi } from "vitest";
import { jsonCodec } from "../../../flow/codecs/json";
import type { ConnectionPorts, HttpAnswer, HttpPort, HttpUnreachable } from "../../../flow/connection-ports";
import { type FlowDocument, flowFormat } from "../../../flow/document";
import type { HeldRow, HeldStore, StartRequest } from "../../../flow/holding";
import { type Header, Message } from "../../../flow/message";
import { planOf } from "../../../flow/plan";
import { decodeSaga } from "../../../flow/saga/coding";
import type { SagaState } from "../../../flow/saga/state";
import { MemoryHeldStore } from "../../../flow/testing/held-store";
import { encodeUtf8 } from "../../../flow/utf8";
import { heldIdOf } from "../../../prisma/held-id";
import type { HeldVersion, KeeperHouse, Leave, Neighbour } from "../../holding/ports";
import { countersOf, type NodeCounters } from "../../node-counters";
import { silent } from "../../testing";
import { SagaExecutor } from "../executor";
import { sagaLeaseMs } from "../saga-row";

/** In-memory ports for the tests of sagas: real machine, real compilation, a store in memory, services that are a function each. */

export const scope = { environment: "default", flowId: "flow-1" };
export const at = { node: "begin", version: 1 };

type Service = (
  request: Parameters<HttpPort["request"]>[0],
  signal: AbortSignal,
) => Promise<HttpAnswer | HttpUnreachable>;

export interface TestWorkerOptions {
  readonly flow: FlowDocument;
  readonly store?: HeldStore;
  readonly service?: Service;
  readonly ports?: Partial<ConnectionPorts>;
  readonly versions?: Readonly<Record<number, FlowDocument>>;
  readonly flowId?: string;
  readonly neighbours?: () => readonly TestWorker[];
  readonly limits?: { readonly inHand: number; readonly started: number };
  readonly emit?: (leave: Leave) => Promise<boolean>;
}

/** A worker that keeps the sagas of one flow, with a holder as small as can be. */
export class TestWorker {
  readonly store: HeldStore;
  readonly executor: SagaExecutor;
  readonly left: Leave[] = [];
  /** Of the nodes of version 1. */
  readonly countersOf: (node: string) => NodeCounters | undefined;
  readonly flowId: string;
  /** Set to kill it. */
  isGone = false;
  #renewedAt = 0;
  #wakeAt = 0;
  #sweeping = false;

  constructor(readonly options: TestWorkerOptions) {
    this.store = options.store ?? new MemoryHeldStore();
    const store = mortal(this.store, () => this.isGone);
    this.flowId = options.flowId ?? scope.flowId;
    const { flow, versions = { 1: flow }, service = async () => json(200, {}) } = options;
    const opened = new Map(
      Object.entries(versions).map(([number, one]) => [Number(number), openVersion(Number(number), one)]),
    );
    this.countersOf = (node) => opened.get(1)?.countersOf(node);
    const ports: Partial<ConnectionPorts> = { http: { request: service }, ...options.ports };
    const house: KeeperHouse = {
      scope: { environment: scope.environment, flowId: this.flowId },
      store,
      flow: flow.name,
      groupName: flow.name,
      log: silent,
      emit: async (leave) => {
        const isSafe = options.emit ? await options.emit(leave) : true;
        if (isSafe) this.left.push(leave);
        return isSafe;
      },
      versionOf: async (number) => {
        const version = opened.get(number);
        if (!version) throw new Error(`There is no version ${number}.`);
        const connection = <Kind extends keyof ConnectionPorts>(kind: Kind) => ports[kind] as ConnectionPorts[Kind];
        return { ...version, connection, release: () => {} };
      },
      wake: (when = 0) => {
        this.#wakeAt = Math.min(this.#wakeAt, when);
      },
      neighbours: {
        find: (named) =>
          (options.neighbours?.() ?? [this])
            .map((worker) => worker.asNeighbour())
            .find((one) => ("name" in named ? one.flow === named.name : one.flowId === named.flowId)),
      },
      now: Date.now,
    };
    this.executor = new SagaExecutor(house, options.limits);
  }

  asNeighbour(): Neighbour {
    return {
      flowId: this.flowId,
      flow: this.options.flow.name,
      version: 1,
      isRunning: true,
      document: async () => this.options.flow,
      wake: () => {
        this.#wakeAt = 0;
      },
      keeper: this.executor,
    };
  }

  /** What the holder does: keeps leases going, takes what is due. */
  async turn(): Promise<void> {
    if (this.isGone || this.#sweeping) return;
    this.#sweeping = true;
    const now = Date.now();
    try {
      if (now - this.#renewedAt >= sagaLeaseMs / 3) {
        this.#renewedAt = now;
        const inHand = [...this.executor.inHand()];
        await this.store.setDue(inHand.map((one) => ({ ...one, dueAt: now + sagaLeaseMs })));
      }
      if (now >= this.#wakeAt) {
        this.#wakeAt = now + 500;
        const limit = Math.min(250, this.executor.room);
        const mine = { environment: scope.environment, flowId: this.flowId };
        const rows = await this.store.takeDue(mine, { kind: "saga", now, limit, leaseMs: sagaLeaseMs });
        if (!this.isGone) this.executor.take(rows);
      }
    } catch {
      // The store is away.
    } finally {
      this.#sweeping = false;
    }
  }

  start(key: string, data: unknown = {}) {
    return this.executor.start(at, [startOf(key, data)]);
  }
}

export function startOf(key: string, data: unknown = {}, headers: readonly Header[] = []): StartRequest {
  return { message: makeMessage(data, headers), part: "0", key, data };
}

export function makeMessage(body: unknown, headers: readonly Header[] = [], position = "0"): Message {
  const meta = { source: "in", lane: "lane", position, timestamp: 0, attempt: 1 };
  return Message.fromBody({ key: null, headers, codec: jsonCodec, meta }, body);
}

export function textHeaders(headers: Record<string, string>): Header[] {
  return Object.entries(headers).map(([name, text]) => [name, encodeUtf8(text)] as const);
}

/** A store that a worker which was killed gets no answer of. What it had asked is done all the same. */
function mortal(store: HeldStore, isGone: () => boolean): HeldStore {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        if (isGone()) return new Promise(() => {});
        const answer: unknown = await (value as (...args: unknown[]) => unknown).apply(target, args);
        return isGone() ? new Promise(() => {}) : answer;
      };
    },
  });
}

function openVersion(number: number, document: FlowDocument): Omit<HeldVersion, "connection" | "release"> {
  const plan = planOf(document);
  const counters = countersOf(plan);
  return { version: number, document, plan, countersOf: (node) => counters.get(node) };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  const all = { "content-type": "application/json", ...headers };
  return { status, headers: all, body: jsonCodec.encode(body), truncated: false };
}

export function idOf(key: string, flowId = scope.flowId): string {
  return heldIdOf({ ...scope, flowId }, at.node, key);
}

export function stateOf(store: HeldStore, id: string): SagaState {
  return decodeSaga(rowOf(store, id).content);
}

export function rowOf(store: HeldStore, id: string): HeldRow {
  return (store as MemoryHeldStore).rows.get(id)!;
}

type Node = FlowDocument["nodes"][number];

/** A flow whose saga goes through these nodes, one after the other unless wires say otherwise. */
export function makeFlow(nodes: readonly Node[], edges?: FlowDocument["edges"], name = "place-order"): FlowDocument {
  const chain = ["in", "begin", ...nodes.map(({ id }) => id)];
  const usual = chain.slice(1).map((id, index) => ({ from: chain[index]!, to: id }));
  return {
    format: flowFormat,
    name,
    nodes: [
      { id: "in", kind: "generate-source", config: { perSecond: 1, body: "{}" } },
      { id: "begin", kind: "saga-start", config: { key: "body.id" } },
      ...nodes,
    ],
    edges: edges ?? usual,
  };
}

/** A step that calls a service of its name, and undoes it there. */
export function step(id: string, config: Record<string, unknown> = {}): Node {
  const call = { connection: "http", timeoutMs: 2_000, delayMs: 100, maxDelayMs: 1_000 };
  return {
    id,
    kind: "saga-step",
    config: {
      action: { ...call, url: `/${id}`, body: "{'order': key}", ...((config.action as object) ?? {}) },
      compensation: { ...call, url: `/${id}/undo`, body: "{'order': key}", ...((config.compensation as object) ?? {}) },
      ...Object.fromEntries(Object.entries(config).filter(([name]) => name !== "action" && name !== "compensation")),
    },
  };
}

export const end: Node = { id: "end", kind: "saga-end", config: {} };

/** Lets what is ready happen, without time passing. */
export async function settle(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Time passes, in which the workers' holders do their work. Needs faked timers. */
export async function pass(ms: number, ...workers: readonly TestWorker[]): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    vi.advanceTimersByTime(Math.min(50, left));
    await settle(4);
    await Promise.all(workers.map((worker) => worker.turn()));
    await settle(4);
  }
}

/** `setImmediate` stays real: writes of one turn go together. */
export function fakeTimers(): void {
  const toFake = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] as const;
  vi.useFakeTimers({ toFake: [...toFake], now: 1_700_000_000_000 });
}
