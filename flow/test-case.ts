import * as z from "zod";

/** A message as a test writes it: a body in JSON where the source reads JSON, else its text or bytes. Absent fields are absent in the message. */
const messageFields = {
  key: z.string().nullable().optional(),
  headers: z
    .array(z.tuple([z.string(), z.string()]))
    .max(200)
    .optional(),
  /** As JSON. Integers keep their digits up to 2^53; beyond it they are written as `text`. */
  body: z.unknown().optional(),
  text: z.string().optional(),
  base64: z.string().optional(),
} as const;

export const testMessageSchema = z.strictObject(messageFields);
export type TestMessage = z.infer<typeof testMessageSchema>;

/** What a node that calls out is answered with, instead of calling: the n-th call of a node takes the n-th answer, the last one serves all further calls. */
export const givenAnswerSchema = z.strictObject({
  /** Of an HTTP answer; absent: 200. */
  status: z.int().min(100).max(599).optional(),
  ...messageFields,
  /** The call fails as if nothing answered; the text says why. */
  fails: z.string().max(500).optional(),
});
export type GivenAnswer = z.infer<typeof givenAnswerSchema>;

/**
 * One case of the flow file's `tests`: a message at a source, and what is expected of it. `expect` lists by endpoint what came there:
 * `node` of a sink what it would have written, `node.port` what left by that port. Endpoints that are not listed are not compared;
 * `[]` says that nothing came. What an expectation does not say, a key, a body, a header, is not compared; `key: null` says that there is
 * none, `body: null` that the value is none. A failure for good that is not in `fails` is a difference, too.
 */
export const testCaseSchema = z.strictObject({
  name: z.string().min(1).max(120),
  /** Id of the source. */
  at: z.string(),
  message: testMessageSchema,
  /** By id of the node that calls. */
  answers: z.record(z.string(), z.array(givenAnswerSchema).max(100)).optional(),
  /** What the flow takes for now, in ISO 8601; absent: the time of the test. */
  now: z.iso.datetime().optional(),
  expect: z.record(z.string(), z.array(testMessageSchema).max(1_000)),
  /** Nodes at which a message is expected to fail for good, with the error's code. */
  fails: z
    .array(z.strictObject({ node: z.string(), code: z.string() }))
    .max(100)
    .optional(),
});
export type TestCase = z.infer<typeof testCaseSchema>;

/** A flow has at most so many cases. */
export const maxTestCases = 200;
