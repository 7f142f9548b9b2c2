import type { Payload, PlainMessage } from "@/flow/control";
import { explainCut, findStepInput } from "@/flow/kept-payload";
import type { RunView } from "@/server/views";

const deletedWords =
  "The flow was deleted, so nothing would work it. The message can be copied here and sent to another flow.";

/** Begins anew with whoever sends it: its trace, and the mark by which its run is kept. */
const ownHeaders = new Set(["traceparent", "tracestate"]);

/** The message as it came to the flow; `null` when nothing of it was kept. */
function messageOf(run: RunView): Payload | null {
  const [first] = run.detail.steps;
  const index = first?.in ?? first?.out[0]?.payload;
  return index === undefined || index === null ? null : (run.detail.payloads[index] ?? null);
}

/** The message of a run as it is to be sent again from its source, or why it cannot be. */
export function readResend(run: RunView): { message: PlainMessage } | { why: string } {
  const source = run.document.nodes.find(({ id }) => id === run.source);
  if (run.drawing === "flow-deleted") return { why: deletedWords };
  if (run.drawing === "version-unreadable")
    return { why: "The drawing of its version cannot be read by this release of Millrace." };
  if (!source) return { why: "The node that the message came by is not in the drawing of its version." };
  if (run.detail.steps[0]?.node !== run.source)
    return {
      why: "This run begins further on, where the message was held, waited or was sent to; send it again from the run before.",
    };
  const payload = messageOf(run);
  if (!payload) return { why: "Nothing of the message was kept." };
  const why = explainCut(payload);
  if (why !== null) return { why };
  const { key, value, encoding } = payload;
  return { message: { key, value, encoding, headers: payload.headers.filter(([name]) => !ownHeaders.has(name)) } };
}

/** What came to a step as it is to be sent to its node again, or why it cannot be. */
export function readSendFrom(run: RunView, step: number): ReturnType<typeof findStepInput> {
  return run.drawing === "flow-deleted" ? { why: deletedWords } : findStepInput(run.detail, step);
}

/** What is sent from a run is a message of its own: a dead letter of it that waits goes on waiting. A sentence to follow others, or nothing. */
export function noteWaiting({ deadLetters }: Pick<RunView, "deadLetters">): string {
  const waiting = deadLetters.filter(({ state }) => state === "waiting").length;
  if (waiting === 0) return "";
  return waiting === 1
    ? " Its dead letter goes on waiting: Send again, at the top of the page, sends that and settles it."
    : ` Its ${waiting} dead letters go on waiting: Send again, at the top of the page, sends those and settles them.`;
}

/** A line of NDJSON that the page Tests takes as a case's message. */
export function writeCaseLine({ key, headers, value, encoding }: PlainMessage): string {
  const body = value === null ? { value: null } : encoding === "base64" ? { base64: value } : readBody(value);
  return JSON.stringify({ ...(key === null ? {} : { key }), ...(headers.length > 0 ? { headers } : {}), ...body });
}

function readBody(text: string): { body: unknown } | { text: string } {
  try {
    // Numbers that JavaScript does not hold would be changed on the way.
    if (/\d{16}/.test(text)) return { text };
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { text };
  }
}
