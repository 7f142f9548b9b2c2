import * as z from "zod";
import { maskedSchema, searchableSchema } from "./recorded-fields";
import { maxTestCases, testCaseSchema } from "./test-case";

/** The format of the flow file that this version reads and writes. */
export const flowFormat = "millrace/flow@1";

export const nodeIdPattern = /^[a-z0-9-]+$/;
export const flowNamePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const workerLabelPattern = /^[a-z0-9-]{1,40}$/;

/** Names, not values: each theme has its own shade. */
export const groupColors = ["gray", "blue", "green", "amber", "red", "violet"] as const;

export const retrySchema = z.strictObject({
  attempts: z.int().min(1).max(100),
  backoff: z.enum(["exponential", "fixed"]).default("exponential"),
  delayMs: z.int().min(0).max(3_600_000).default(200),
  maxDelayMs: z.int().min(0).max(86_400_000).default(30_000),
});

const nodeSchema = z.strictObject({
  id: z.string().regex(nodeIdPattern, "ids match [a-z0-9-]+"),
  kind: z.string(),
  /** Version of its kind; absent = 1. */
  version: z.int().min(1).optional(),
  title: z.string().max(120).optional(),
  config: z.record(z.string(), z.unknown()).default({}),
  retry: retrySchema.optional(),
  position: z.strictObject({ x: z.number(), y: z.number() }).optional(),
  notes: z.string().max(10_000).optional(),
  /** The node does no work: what comes passes on by its first port, is dropped, or is not let in (the source before it is held). */
  disabled: z.enum(["pass", "drop", "block"]).optional(),
});

const edgeSchema = z.strictObject({
  /** `node` (its port `out`) or `node.port`. */
  from: z.string(),
  /** `node` (its port `in`) or `node.port`. */
  to: z.string(),
});

/** Runs are kept at most so long, whoever asks. */
export const maxRunDays = 400;

export const traceSchema = z.strictObject({
  /** Which runs are kept beside the failed ones, which always are: none, some per second and worker, or a share from 0 to 1. */
  perSecond: z.number().min(0).max(1000).optional(),
  share: z.number().min(0).max(1).optional(),
  /** CEL: what it holds for is kept beside those. */
  when: z.string().min(1).optional(),
});

export const settingsSchema = z.strictObject({
  trace: traceSchema.optional(),
  /** Fields by which its runs are found. */
  searchable: searchableSchema.optional(),
  /** Fields that are hidden from who has a smaller role, wherever messages are shown. */
  masked: maskedSchema.optional(),
  /** For how many days its runs are kept, in place of what holds for all flows (`MILLRACE_RUN_DAYS`). */
  recording: z.strictObject({ days: z.int().min(1).max(maxRunDays) }).optional(),
  /** Absent: at least once. Exactly once holds from Kafka to Kafka on one cluster. */
  delivery: z.enum(["at-least-once", "exactly-once"]).optional(),
  /** Label of the workers that run the flow; absent: those without a label of their own. */
  workers: z.string().regex(workerLabelPattern, "labels match [a-z0-9-]+, at most 40 characters").optional(),
  /** Where dead letters are also written; they are kept in the database all the same. */
  deadLetters: z
    .strictObject({
      connection: z.string().min(1),
      /** A topic of Kafka or a queue, as the connection is. */
      to: z.string().min(1).max(249),
    })
    .optional(),
  /** A version is deployed only when all `tests` pass. */
  requireTests: z.boolean().optional(),
  /** Where what the flow holds back rests, its sagas among it: the Redis of a queue connection; absent: Postgres. */
  holding: z.strictObject({ connection: z.string().min(1) }).optional(),
});
export type FlowSettings = z.infer<typeof settingsSchema>;

/** The flow file: what the canvas saves, Git keeps and the command line deploys. Unknown fields are refused by name. */
export const flowSchema = z.strictObject({
  format: z.literal(flowFormat),
  name: z.string().regex(flowNamePattern, "names match [a-z0-9-]+, at most 63 characters"),
  title: z.string().max(120).optional(),
  description: z.string().max(2000).optional(),
  settings: settingsSchema.optional(),
  nodes: z.array(nodeSchema).max(2000),
  edges: z.array(edgeSchema).max(5000),
  notes: z
    .array(
      z.strictObject({
        id: z.string(),
        text: z.string().max(10_000),
        position: z.strictObject({ x: z.number(), y: z.number() }),
        width: z.number().optional(),
        height: z.number().optional(),
      }),
    )
    .max(500)
    .optional(),
  /** Nodes that belong together, drawn as a frame around them. A node is in one group at most. */
  groups: z
    .array(
      z.strictObject({
        id: z.string().regex(nodeIdPattern, "ids match [a-z0-9-]+"),
        title: z.string().max(120),
        color: z.enum(groupColors).optional(),
        nodes: z.array(z.string()).max(2000),
      }),
    )
    .max(200)
    .optional(),
  /** Reserved. */
  parameters: z.record(z.string(), z.unknown()).optional(),
  /** Cases that say what the flow does with a message: `flow test`, the page *Tests*. */
  tests: z.array(testCaseSchema).max(maxTestCases).optional(),
});

export type FlowDocument = z.infer<typeof flowSchema>;
export type FlowNode = FlowDocument["nodes"][number];
export type FlowEdge = FlowDocument["edges"][number];
export type Retry = z.infer<typeof retrySchema>;

/** Retry of a node that sets none: three tries within about two seconds, then the error port or the dead letters. */
export const defaultRetry: Retry = { attempts: 3, backoff: "exponential", delayMs: 200, maxDelayMs: 30_000 };
/** Traces of a flow that sets none: ten runs per second and worker, and every failed one. */
export const defaultTrace = { perSecond: 10 };
