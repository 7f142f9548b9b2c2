import "server-only";
import { z } from "zod";
import { plainMessageSchema } from "@/flow/control";
import { type MatchedBy, matchedByPattern } from "@/flow/run-search";
import { givenAnswerSchema, maxTestCases, testMessageSchema } from "@/flow/test-case";
import { roles } from "../can";
import { minPasswordLength } from "../password";

/** What procedures take. Narrow: everything has a greatest length. */
export const name = z.string().min(1).max(80);
/** A tab of a browser, by a name that it gave itself. */
export const tab = z.string().min(8).max(80);
export const flowName = z.object({ name });
export const ofFlow = z.object({ flow: name });
export const ofNode = z.object({ flow: name, node: name });
/** A flow file as somebody made it: read by `parseFlow`, which says what is wrong with it. */
export const file = z.unknown();
export const limit = z.int().min(1).max(200);
export const role = z.enum(roles);

export const begin = z.union([
  z.object({ from: z.enum(["continue", "kind", "earliest", "latest"]) }),
  z.object({ from: z.literal("time"), at: z.int().min(0) }),
]);

export const deployRequest = z.object({
  flow: name,
  version: z.int().min(1).optional(),
  revision: z.int().min(1).optional(),
  message: z.string().max(500).optional(),
  begin,
  createMissing: z.boolean().optional(),
  /** Deploys although sagas in flight would be stranded. */
  strand: z.boolean().optional(),
});
export const rollbackRequest = ofFlow.extend({ strand: z.boolean().optional() });

export const connectionInput = z.object({
  name,
  kind: name,
  config: z.record(z.string().max(80), z.unknown()),
  secrets: z.record(z.string().max(80), z.string().max(20_000)).default({}),
});

export const runFilter = z.object({
  flow: name.optional(),
  state: z.array(z.enum(["done", "dropped", "parked", "failed", "dead"])).optional(),
  version: z.int().min(1).optional(),
  node: name.optional(),
  key: z.string().max(500).optional(),
  traceId: z.string().max(64).optional(),
  text: z.string().max(500).optional(),
  by: z.custom<MatchedBy | "value">((given) => typeof given === "string" && matchedByPattern.test(given)).optional(),
  since: z.date().optional(),
  until: z.date().optional(),
  longerMs: z.number().min(0).max(86_400_000).optional(),
  attempts: z.int().min(1).max(1_000).optional(),
  before: z.date().optional(),
  beforeId: z.uuid().optional(),
  limit: limit.optional(),
});

export const deadLetterFilter = z.object({
  flow: name.optional(),
  /** `open`: not settled, which is all but sent and discarded. */
  state: z.enum(["open", "waiting", "queued", "sending", "sent", "discarded"]).optional(),
  fingerprint: z.string().max(200).optional(),
  node: name.optional(),
  version: z.int().min(1).optional(),
  redrive: z.string().max(80).optional(),
  /** Failed within so many hours. */
  hours: z.int().min(1).max(8_784).optional(),
  /** The whole key, or a part of the words of the cause. */
  text: z.string().min(1).max(500).optional(),
  id: z.string().max(80).optional(),
  /** Whole. */
  key: z.string().max(500).optional(),
  before: z.date().optional(),
  beforeId: z.string().max(80).optional(),
  limit: limit.optional(),
});

const ids = z.array(z.string().max(80)).min(1).max(1_000);
/** As large as a message may be that a person edits. */
const editedValue = z.string().max(1_400_000).nullable();
const noNul = (text: string) => !text.includes("\0");
/** A message as a person wrote it: its value; key and headers unless they stay as they are. */
const editByHand = z.object({
  value: editedValue,
  encoding: z.enum(["text", "base64"]).default("text"),
  key: z.string().max(100_000).nullable().optional(),
  headers: z
    .array(
      z.tuple([
        z.string().min(1, "a header has a name").max(1_000).refine(noNul, "a header's name has no NUL in it"),
        z.string().max(100_000),
      ]),
    )
    .max(1_000)
    .optional(),
});

/** Which dead letters: these, or all that wait of a flow, narrowed by what else is said. */
const lettersChosen = {
  ids: ids.optional(),
  flow: name.optional(),
  fingerprint: z.string().max(200).optional(),
  /** Code of the cause, or its fingerprint. */
  cause: z.string().max(200).optional(),
  /** CEL over body, key, headers, meta, cause, node, version and attempts: which of them. */
  where: z.string().min(1).max(10_000).optional(),
};

export const redrive = z
  .object({
    ...lettersChosen,
    /** Letters a second, over all workers. */
    rate: z.int().min(1).max(100_000).optional(),
    /** It pauses by itself when so many failed again. */
    pauseAfter: z.int().min(1).max(100_000).optional(),
    target: z.enum(["node", "source"]),
    edit: z
      .union([
        editByHand,
        z.object({ cel: z.string().min(1).max(10_000) }),
        z.object({
          set: z
            .record(z.string().max(200), z.string().min(1).max(10_000))
            .refine((set) => Object.keys(set).length > 0, "set a field, or leave it out"),
        }),
      ])
      .optional(),
  })
  .refine((input) => input.ids !== undefined || input.flow !== undefined, "say which: ids, or a flow")
  .refine(
    (input) => input.edit === undefined || !("value" in input.edit) || input.ids?.length === 1,
    "a value goes to one dead letter; use an expression, or set fields, for several",
  );

export const redriveFilter = z.object({ flow: name.optional(), open: z.boolean().optional(), limit: limit.optional() });
export const redriveId = z.object({ id: z.string().max(80) });

export const parkedFilter = z.object({
  flow: name.optional(),
  node: name.optional(),
  /** Whole. */
  key: z.string().max(500).optional(),
  offset: z.int().min(0).max(1_000_000).optional(),
  limit: limit.optional(),
});
export const parkedChoice = z
  .object({ ids: ids.optional(), flow: name.optional(), node: name.optional() })
  .refine((input) => (input.ids === undefined) !== (input.flow === undefined), "say which: ids, or a flow");

const sagaStatus = z.enum(["running", "waiting", "asking", "stuck", "compensating", "completed", "compensated"]);
export const sagaFilter = z.object({
  flow: name.optional(),
  status: z.array(sagaStatus).max(sagaStatus.options.length).optional(),
  version: z.int().min(1).optional(),
  key: z.string().max(1_000).optional(),
  step: name.optional(),
  text: z.string().max(500).optional(),
  startedBefore: z.date().optional(),
  startedAfter: z.date().optional(),
  before: z.date().optional(),
  beforeId: z.uuid().optional(),
  limit: limit.optional(),
});
export const sagaChoice = z.object({
  ids,
  action: z.enum(["retry", "skip", "complete", "approve", "reject", "cancel"]),
  node: name.optional(),
});
export const sagaAct = sagaChoice
  .extend({
    reason: z.string().trim().max(1_000).optional(),
    /** JSON text: integers of any length keep their digits. */
    result: z.string().max(1_000_000).optional(),
  })
  .refine(
    ({ action, reason }) => (action !== "skip" && action !== "cancel") || Boolean(reason),
    "say why, in a few words: who looks at the saga later is to know",
  );

/** A step by its index; its message as it came, or with another value. */
export const sendFrom = z.object({
  id: z.uuid(),
  step: z.int().min(0).max(10_000),
  edit: z.object({ value: editedValue, encoding: z.enum(["text", "base64"]).default("text") }).optional(),
});

export const discard = z
  .object({ ...lettersChosen, reason: z.string().max(500).default("") })
  .refine((input) => input.ids !== undefined || input.flow !== undefined, "say which: ids, or a flow");
export const takeBack = z
  .object({ ids: ids.optional(), flow: name.optional(), cause: z.string().max(200).optional() })
  .refine((input) => input.ids !== undefined || input.flow !== undefined, "say which: ids, or a flow");
/** `run`: of which it is the message, sent again. */
export const send = z.object({ flow: name, node: name, message: plainMessageSchema, run: z.uuid().optional() });

/** Some thousand at once would hold up who else asks. */
export const maxSentAtOnce = 500;
export const sendAll = z.object({
  flow: name,
  node: name,
  messages: z.array(plainMessageSchema).min(1).max(maxSentAtOnce),
});

/** Which drawing: a flow's draft, or a document as it stands in an editor or a file. */
const drawing = z.object({ flow: name.optional(), document: file.optional() });
const saysWhich = (input: { flow?: string | undefined; document?: unknown }) =>
  input.flow !== undefined || input.document !== undefined;
const which = "say which: the name of a flow, or a document";
const calls = z.enum(["make", "given"]);
export const tryRequest = drawing
  .extend({
    /** The source at which the message comes. */
    at: name,
    message: testMessageSchema,
    calls: calls.default("make"),
    answers: z.record(z.string().max(80), z.array(givenAnswerSchema).max(100)).optional(),
    now: z.iso.datetime().optional(),
  })
  .refine(saysWhich, which);
export const casesRequest = drawing
  .extend({ names: z.array(z.string().max(120)).min(1).max(maxTestCases).optional() })
  .refine(saysWhich, which);
/** As many messages as one look at a place gives. */
const capturedAtOnce = 100;
export const captureRequest = drawing
  .extend({
    at: name,
    from: z.union([
      z.object({ last: z.int().min(1).max(capturedAtOnce) }),
      /** Waits for some seconds; `since` of an answer goes on where that look ended. */
      z.object({ next: z.int().min(1).max(capturedAtOnce), since: z.string().max(100_000).optional() }),
      z.object({ messages: z.array(testMessageSchema).min(1).max(maxTestCases) }),
    ]),
    calls: calls.default("make"),
  })
  .refine(saysWhich, which);

const personName = z.string().trim().min(1).max(120);
const password = z
  .string()
  .min(minPasswordLength, `a password has at least ${minPasswordLength} characters`)
  .max(128, "a password has at most 128 characters");
export const newUser = z.object({ name: personName, email: z.email().max(200), password, role });
export const newPassword = z.object({ current: z.string().max(128), next: password });
export const newInvitation = z.object({
  email: z.email().max(200),
  name: z.string().trim().max(120).default(""),
  role,
  days: z.int().min(1).max(90).default(7),
});
const secret = z.string().min(1).max(200);
export const invitationSecret = z.object({ secret });
export const takenInvitation = z.object({ secret, name: personName, password });
export const newToken = z.object({
  name: z.string().trim().min(1).max(120),
  role,
  days: z.int().min(1).max(3_650).optional(),
  readOnly: z.boolean().default(false),
  /** Names; none: every flow. */
  flows: z.array(name).max(100).default([]),
});

export const auditFilter = z.object({
  /** Email, whole. */
  actor: z.string().max(200).optional(),
  /** Whole, or what stands before the dot: `deployment`. */
  action: z.string().max(80).optional(),
  /** How it begins. */
  object: z.string().max(200).optional(),
  after: z.date().optional(),
  until: z.date().optional(),
  before: z.date().optional(),
  beforeId: z.uuid().optional(),
  limit: z.int().min(1).max(1_000).optional(),
});
