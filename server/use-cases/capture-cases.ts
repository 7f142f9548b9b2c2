import "server-only";
import { caseOfTrial } from "@/flow/case-of-trial";
import type { PlainMessage, SeenMessage } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import { listPlaces, type NamedPlace } from "@/flow/flow-places";
import { nameCase } from "@/flow/name-case";
import { maxTestCases, type TestCase, type TestMessage } from "@/flow/test-case";
import { fromPlainMessage } from "@/flow/test-message";
import { traceHeader } from "@/flow/trace-context";
import type { CapturedCases, Trial, TrialCalls } from "@/flow/trial";
import type { Actor } from "../audit";
import { refusal } from "../refusal";
import { askWorkerOrRefuse } from "../worker-client";
import { maskSeen } from "./mask-seen";
import type { Viewer } from "./masks";
import { auditCalls, type Drawing, openTrials, readDrawing } from "./trials";

export type CaptureRequest = Drawing & {
  at: string;
  from: { last: number } | { next: number; since?: string | undefined } | { messages: TestMessage[] };
  calls: TrialCalls;
};

/** Makes cases of messages: each is tried on the drawing, and what comes of it is what the case expects. */
export async function captureCases(actor: Actor, request: CaptureRequest): Promise<CapturedCases> {
  const { environment } = actor;
  const document = await readDrawing(environment, request);
  const { messages, skipped, since } = await readMessages(actor, document, request);
  const ask = await openTrials(environment, document);
  const taken = new Set((document.tests ?? []).map(({ name }) => name));
  const room = maxTestCases - taken.size;
  const cases: TestCase[] = [];
  const trials: Trial[] = [];
  for (const [index, { message, at }] of messages.entries()) {
    if (index >= room) {
      const left = messages.length - room;
      skipped.push({
        what: left === 1 ? "1 message" : `${left} messages`,
        words: `A flow has at most ${maxTestCases} cases.`,
      });
      break;
    }
    const now = new Date(isTime(at) ? at : Date.now()).toISOString();
    const asked = { at: request.at, message };
    const trial = await ask({ ...asked, calls: request.calls, now });
    trials.push(trial);
    const name = nameCase(document, request.at, message, taken);
    if (trial.cut) {
      skipped.push({ what: name, words: trial.cut });
      continue;
    }
    taken.add(name);
    cases.push(await caseOfTrial({ name, ...asked }, trial, now, ask));
  }
  await auditCalls(actor, document.name, trials);
  return { cases, skipped, ...(since === undefined ? {} : { since }) };
}

/** Is it one that ISO 8601 writes with four digits for the year? What a broker stamps may be anything. */
const isTime = (at: number | undefined): at is number => at !== undefined && at >= 0 && at < Date.UTC(9000, 0);

interface Found {
  /** `at`: when it came, in milliseconds since 1970. */
  messages: { message: TestMessage; at?: number }[];
  skipped: { what: string; words: string }[];
  since?: string;
}

async function readMessages(viewer: Viewer, document: FlowDocument, { at, from }: CaptureRequest): Promise<Found> {
  if ("messages" in from) return { messages: from.messages.map((message) => ({ message })), skipped: [] };
  const place = listPlaces(document).find(({ node }) => node === at);
  if (!place) {
    const words = `“${at}” reads no topic, queue or stream whose messages could be looked at. Type a message, or import some.`;
    throw refusal("PRECONDITION_FAILED", "source-unreadable", words);
  }
  if ("last" in from) return sort(await readNewest(viewer, place, from.last));
  return waitForNext(viewer, place, from);
}

/** Longest that one request waits for messages to come, and how often it looks. */
const waitMs = 10_000;
const lookEveryMs = 500;

/** As many as come in a while. Messages that were there before the first look are none of the next. */
async function waitForNext(
  viewer: Viewer,
  place: NamedPlace,
  { next, since }: { next: number; since?: string | undefined },
): Promise<Found> {
  const seen = new Set<string>(since === undefined ? [] : readSince(since));
  if (since === undefined) for (const each of await readNewest(viewer, place, newestAtOnce)) seen.add(placeOf(each));
  const come: SeenMessage[] = [];
  const until = Date.now() + waitMs;
  for (;;) {
    for (const each of (await readNewest(viewer, place, newestAtOnce)).reverse()) {
      if (seen.has(placeOf(each)) || come.length >= next) continue;
      seen.add(placeOf(each));
      come.push(each);
    }
    if (come.length > 0 || Date.now() > until) break;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return { ...sort(come.reverse()), since: JSON.stringify([...seen].slice(-rememberedPlaces)) };
}

const newestAtOnce = 100;
const rememberedPlaces = 1_000;
/** A larger message would come cut. */
const maxBytes = 262_144;

/** The newest first. */
async function readNewest(viewer: Viewer, { connection, name }: NamedPlace, limit: number): Promise<SeenMessage[]> {
  const question = { connection: { name: connection }, place: name, limit, maxBytes };
  const { messages } = await askWorkerOrRefuse(viewer.environment, "messages-newest", question);
  return maskSeen(viewer, { connection, place: name }, messages);
}

/** Oldest first, without those that came cut. */
function sort(newest: readonly SeenMessage[]): Found {
  const whole = newest.filter(({ truncated }) => !truncated);
  return {
    messages: whole.map((seen) => ({ message: fromPlainMessage(dropTrace(seen)), at: seen.timestamp })).reverse(),
    skipped: newest
      .filter(({ truncated }) => truncated)
      .map((message) => ({ what: placeOf(message), words: `It is larger than ${maxBytes / 1024} KB.` })),
  };
}

/** A trace is of one delivery, and says nothing of what the message is. */
function dropTrace({ key, headers, value, encoding }: PlainMessage): PlainMessage {
  return { key, value, encoding, headers: headers.filter(([name]) => name !== traceHeader && name !== "tracestate") };
}

const placeOf = ({ lane, position }: SeenMessage) => `${lane}:${position}`;

function readSince(since: string): string[] {
  try {
    const places: unknown = JSON.parse(since);
    if (Array.isArray(places)) return places.filter((place) => typeof place === "string");
  } catch {
    // refused below
  }
  throw refusal("BAD_REQUEST", "input-invalid", "`since` is not what a capture answered.");
}
