import * as z from "zod";
import type { ListedPlaces, Place } from "./connection-ports";
import type { HeldCount, HeldPage, HeldSummary } from "./held-search";
import type { HeldStatus } from "./holding";
import { placeTypes } from "./place";
import { givenAnswerSchema, maxTestCases, testCaseSchema, testMessageSchema } from "./test-case";
import type { CasesRun, Trial } from "./trial";
import type { Cause } from "./verdict";

/**
 * The contract between server and worker. Desired state goes through Postgres (`Deployment` rows; a notification on
 * `controlChannel` only wakes, a poll catches what was missed). Questions go over HTTP to a worker's control endpoint:
 * `POST /ask/<question>` with JSON in and JSON out, `authorization: Bearer <token derived from MILLRACE_SECRET>`;
 * webhooks are passed on as `<METHOD> /in/<path>`.
 */
export const controlChannel = "millrace";
export const defaultProject = "default";
export const defaultEnvironment = "default";
/** A worker whose heartbeat is older is taken for gone. */
export const heartbeatTimeoutMs = 6_000;
export const heartbeatIntervalMs = 1_000;

/** A connection by name, or as typed into a form and not yet saved (secrets left out are taken from the saved one). */
export const connectionRefSchema = z.union([
  z.object({ name: z.string() }),
  z.object({
    kind: z.string(),
    config: z.record(z.string(), z.unknown()),
    secrets: z.record(z.string(), z.string()),
    savedAs: z.string().optional(),
  }),
]);
export type ConnectionRef = z.infer<typeof connectionRefSchema>;

/** A message as a person sees and types it. Bytes that are not UTF-8 come as base64. */
export const plainMessageSchema = z.object({
  key: z.string().nullable().default(null),
  headers: z.array(z.tuple([z.string(), z.string()])).default([]),
  /** The value's text; `null` = tombstone. */
  value: z.string().nullable(),
  encoding: z.enum(["text", "base64"]).default("text"),
});
export type PlainMessage = z.infer<typeof plainMessageSchema>;

export interface SeenMessage extends PlainMessage {
  lane: string;
  position: string;
  timestamp: number;
  /** Cut to the limit that was asked for. */
  truncated: boolean;
}

/** What a person does to a saga, at one node or to the whole of it (`SagaEvent` of `flow/saga/state.ts`). */
const personEventSchema = z.discriminatedUnion("is", [
  z.object({ is: z.literal("retry"), node: z.string(), by: z.string() }),
  z.object({ is: z.literal("skip"), node: z.string(), by: z.string(), reason: z.string() }),
  /** `result` is JSON text here: integers of any length keep their digits on the way. */
  z.object({ is: z.literal("complete"), node: z.string(), by: z.string(), result: z.string() }),
  z.object({
    is: z.literal("decide"),
    node: z.string(),
    approved: z.boolean(),
    by: z.string(),
    words: z.string().optional(),
  }),
  z.object({ is: z.literal("cancel"), by: z.string(), reason: z.string() }),
]);
export type PersonEvent = z.infer<typeof personEventSchema>;

export const placeTypeSchema = z.enum(placeTypes);

const heldSearchSchema = z.object({
  environment: z.string(),
  flowId: z.string().optional(),
  kind: z.enum(["message", "saga"]).optional(),
  statuses: z
    .array(z.enum(["held", "running", "waiting", "asking", "stuck", "compensating", "completed", "compensated"]))
    .optional(),
  key: z.string().optional(),
  step: z.string().optional(),
  since: z.number().optional(),
  before: z.number().optional(),
  limit: z.int().min(1).max(1_000),
  from: z.string().optional(),
});

export const questions = {
  "connection-test": z.object({ connection: connectionRefSchema }),
  "connection-places": z.object({
    connection: connectionRefSchema,
    prefix: z.string().default(""),
    limit: z.int().max(1000).default(200),
  }),
  "connection-describe": z.object({ connection: connectionRefSchema, places: z.array(z.string()).max(200) }),
  /** `options` as the connection kind's `PlaceKind.create` takes them; what is left out is as it stands there anyway. */
  "place-create": z.object({
    connection: connectionRefSchema,
    type: placeTypeSchema,
    name: z.string(),
    options: z.record(z.string(), z.unknown()).default({}),
  }),
  /** How many messages a source has not read that nobody runs; `group` as it is known there, where sources have names of their own. */
  "source-waiting": z.object({
    connection: connectionRefSchema,
    place: z.string(),
    type: placeTypeSchema,
    group: z.string(),
  }),
  "messages-newest": z.object({
    connection: connectionRefSchema,
    place: z.string(),
    limit: z.int().min(1).max(100).default(10),
    maxBytes: z.int().max(262_144).default(16_384),
  }),
  /** To the place that the source reads or, for a webhook, into the running flow. */
  "message-send": z.object({ flow: z.string(), node: z.string(), message: plainMessageSchema }),
  /** What flows hold in the Redis of a connection: only workers can look there. As `HeldStore.list`, `read` and `count` say. */
  "held-list": z.object({ connection: z.string(), search: heldSearchSchema }),
  "held-read": z.object({ connection: z.string(), ids: z.array(z.string()).max(1_000) }),
  "held-count": z.object({ connection: z.string(), environment: z.string(), flowId: z.string() }),
  /** To a worker that runs the flow: persons act on its sagas, one after another. */
  "saga-act": z.object({
    flowId: z.string(),
    acts: z
      .array(z.object({ saga: z.string(), event: personEventSchema }))
      .min(1)
      .max(1_000),
  }),
  /** One message, tried on a drawing (`flow/trial.ts`). */
  "message-try": z.object({
    document: z.unknown(),
    at: z.string(),
    message: testMessageSchema,
    calls: z.enum(["make", "given"]),
    answers: z.record(z.string(), z.array(givenAnswerSchema).max(100)).optional(),
    now: z.iso.datetime().optional(),
  }),
  /** Cases on a drawing, each tried with the answers that it gives. */
  "cases-run": z.object({ document: z.unknown(), cases: z.array(testCaseSchema).min(1).max(maxTestCases) }),
} as const;
export type QuestionName = keyof typeof questions;
export type Question<Name extends QuestionName> = z.infer<(typeof questions)[Name]>;

export interface Answers {
  /** `reached` is words: "Kafka, 1 broker, 12 topics". */
  "connection-test": { ok: true; reached: string; tookMs: number } | { ok: false; cause: Cause; tookMs: number };
  "connection-places": ListedPlaces;
  /** Names that do not exist are left out. `server`: what the server as a whole keeps, as its connection kind reads it. */
  "connection-describe": { places: Place[]; server?: unknown };
  "place-create": { created: boolean; place: Place };
  /** `null`: the broker does not tell. */
  "source-waiting": { messages: number | null };
  "messages-newest": { messages: SeenMessage[] };
  "message-send": { lane: string; position: string };
  "held-list": HeldPage;
  /** Those that are there, in no order; `content` as base64. */
  "held-read": { rows: (HeldSummary & { content: string })[] };
  "held-count": { counts: HeldCount[] };
  /** One outcome an act, in their order. */
  "saga-act": { outcomes: SagaActOutcome[] };
  "message-try": Trial;
  /** Of the first cases, as many as time allowed, at least one. */
  "cases-run": CasesRun;
}

/** `status`: how the saga stands afterwards. A refusal says why: the saga moved on meanwhile, is past its pivot, is gone. */
export type SagaActOutcome =
  | { readonly ok: true; readonly status: HeldStatus }
  | { readonly ok: false; readonly cause: Cause };

/** Every answer is `{ ok: true, answer }` or `{ ok: false, cause }` with status 200; other statuses are defects. */
export type Answer<Name extends QuestionName> = { ok: true; answer: Answers[Name] } | { ok: false; cause: Cause };

// ---- what a worker reports -------------------------------------------------------------------------------------------

/** What a worker found of a broker when it last asked. */
export interface ConnectionHealth {
  name: string;
  kind: string;
  /** `missing`: something that it needs is not set, such as its address. */
  state: "ok" | "unreachable" | "missing";
  cause?: Cause;
  /** What its server keeps of everything, as its connection kind reads it. */
  keeping?: unknown;
}

/** State of a node in one worker. `retrying`: a message or dependency is being tried again. `degraded`: its connection is away, it keeps trying. `stalled`: a source with work of which nothing was finished for a while. `halted`: waits for a person. */
export type NodeState =
  | "starting"
  | "running"
  | "retrying"
  | "degraded"
  | "stalled"
  | "halted"
  | "stopping"
  | "stopped";

/** Totals since the deployment's version began in this worker; the server turns them into rates. */
export interface NodeLive {
  state: NodeState;
  cause?: Cause;
  /** Milliseconds since the epoch. */
  since: number;
  in: number;
  /** Messages by output port (`out`, `pass`, `de`, `error`); an edge's count is its port's. */
  ports: Record<string, number>;
  failed: number;
  retried: number;
  dead: number;
  inFlight: number;
  /** Messages that wait here, stored, for a later try, and those of their keys behind them. */
  parked?: number;
  /** Messages and sagas that stand here, stored, until something is due or comes; in all workers together. */
  held?: number;
  /** Of those, the sagas that are stuck. */
  stuck?: number;
  /** What is neither a message nor a failure, by name: answers that came too late, or a second time. */
  noted?: Record<string, number>;
  /** Of a step that calls out: its circuit is open, or asks whether the service is back. */
  circuit?: "open" | "half-open";
  /** Of an open circuit: when its next call may go out, in milliseconds since the epoch. */
  nextCallAt?: number;
  /** Milliseconds over the last seconds; absent before the first message. */
  p50?: number;
  p95?: number;
}

/**
 * `idle`: nothing to do. `waiting`: full, a node behind it is slow but goes on. `retrying`: its oldest messages are tried again or held,
 * or its broker has just gone away. `stalled`: there is work, nothing was settled for a while, and no such reason is known.
 */
export type LaneState = "idle" | "flowing" | "waiting" | "retrying" | "stalled";

export interface LaneLive {
  node: string;
  lane: string;
  position: string | null;
  lag: number | null;
  /** Five minutes ago; absent while it has not been known for so long. */
  lagBefore?: number;
  /** Messages handed over and not yet settled. */
  inFlight: number;
  /** The engine does not take more: the source waits. */
  full: boolean;
  /** When something of it was last settled. */
  lastProgressAt: number | null;
  state: LaneState;
  /** Since when it is in this state. */
  since: number;
  /** What it waits for. */
  cause?: Cause;
  /** The last failure of a message of it, or of its source. */
  lastError?: Cause & { at: number };
  /** It has brought all that it ever will. */
  ended?: true;
  /** Was ours; its source waits to hear from the broker whose it is now. */
  gone?: true;
}

export type DeploymentState = "starting" | "running" | "degraded" | "halted" | "stopping" | "stopped" | "failed";

/** One row per worker and deployment, written once a second. */
export interface DeploymentLive {
  state: DeploymentState;
  /** Version that runs; while a new one takes over, the new one once every lane is on it. */
  version: number;
  /** The deployment's `revision` that this worker has carried out. */
  revision: number;
  cause?: Cause;
  nodes: Record<string, NodeLive>;
  lanes: LaneLive[];
  /** Traces that the recorder had to drop. */
  tracesDropped: number;
  /** By searchable field, recorded messages that gave no value. */
  valuesMissed?: Record<string, number>;
}

/** Steps of time in which is kept what nodes did, and for how long. */
export const historySteps = [
  { seconds: 60, keptSeconds: 2 * 86_400 },
  { seconds: 3_600, keptSeconds: 30 * 86_400 },
] as const;

// ---- runs --------------------------------------------------------------------------------------------------------------

export type { Payload, RunDetail, RunState, RunStep } from "./run-detail";
