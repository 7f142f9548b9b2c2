import { codecOf } from "../../flow/codecs";
import type { FlowDocument } from "../../flow/document";
import { Message } from "../../flow/message";
import type { GivenAnswer, TestMessage } from "../../flow/test-case";
import { type MessageBytes, readTestMessage } from "../../flow/test-message";
import type { Trial, TrialCalls } from "../../flow/trial";
import { waitAtMost } from "../backoff";
import { Delivery } from "../delivery";
import { type Flight, type Item, writePart } from "../flight";
import type { Pipeline, RunningStage } from "../pipeline";
import { GivenAnswers } from "./call-ports";
import { Course, TrialRefusal, trialLimits } from "./course";
import { drawTrial } from "./draw-trial";
import { openTrial, type TrialHouse } from "./open-trial";
import type { Seen } from "./seen";

export interface TrialRequest {
  readonly document: FlowDocument;
  /** Id of the source at which the message comes. */
  readonly at: string;
  readonly message: TestMessage;
  readonly calls: TrialCalls;
  readonly answers?: Readonly<Record<string, readonly GivenAnswer[]>> | undefined;
  /** What the flow takes for now, in ISO 8601; absent: the time it is. */
  readonly now?: string | undefined;
}

/**
 * Works one message on a drawing with the engine's own pipeline, flights and delivery. Nothing is written, held or recorded; calls are made
 * or answered, as is asked. @throws TrialRefusal when the drawing cannot run, or the message cannot be
 */
export async function tryMessage(house: TrialHouse, request: TrialRequest): Promise<{ trial: Trial; seen: Seen }> {
  const startedAt = performance.now();
  const bytes = readBytes(request.message);
  const now = request.now === undefined ? Date.now() : Date.parse(request.now);
  const course = new Course(now, new GivenAnswers(request.answers ?? {}));
  try {
    const pipeline = await openTrial(house, request.document, request.calls, course);
    try {
      const flights = await work(house, pipeline, course, makeMessage(pipeline, request.at, bytes, now));
      return drawTrial({ document: request.document, at: request.at, pipeline, course, flights, startedAt });
    } finally {
      await pipeline.close();
    }
  } finally {
    course.end();
  }
}

function readBytes(message: TestMessage): MessageBytes {
  let bytes: MessageBytes;
  try {
    bytes = readTestMessage(message);
  } catch (error) {
    const words = error instanceof Error ? error.message : "It cannot be read.";
    throw new TrialRefusal({ code: "file-field-invalid", message: `The message: ${words}` });
  }
  const size = (bytes.key?.length ?? 0) + (bytes.value?.length ?? 0);
  if (size <= trialLimits.messageBytes) return bytes;
  const words = `The message has ${size} bytes; a trial takes one of at most ${trialLimits.messageBytes}.`;
  throw new TrialRefusal({ code: "message-too-large", message: words });
}

/** The message as it comes from its source, at a place that is no real one. */
function makeMessage(pipeline: Pipeline, at: string, bytes: MessageBytes, timestamp: number): Message {
  const source = pipeline.sources.find(({ node }) => node === at);
  if (!source) {
    const names = pipeline.sources.map(({ node }) => `\`${node}\``).join(", ");
    throw new TrialRefusal({
      code: "test-source-unknown",
      message: `\`${at}\` is no source of this flow, so no message comes there. Its sources: ${names}.`,
    });
  }
  const { codec } = source.config as { codec?: string };
  const meta = { source: at, lane: "trial", position: "0", timestamp, attempt: 1 };
  return new Message({ ...bytes, codec: codecOf(codec ?? "json"), meta });
}

/** Works the message, then whatever a clock would have held of it, each in its time. */
async function work(house: TrialHouse, pipeline: Pipeline, course: Course, message: Message): Promise<Flight[]> {
  const keep = async (letters: readonly Course["letters"][number][]) => void course.letters.push(...letters);
  const delivery = new Delivery({ keep }, { observe: () => {} }, house.log, course.wait);
  const flights: Flight[] = [];
  const waiting: Waiting[] = [];
  let begin: (() => Flight) | undefined = () => pipeline.begin(message.meta.source, [message]);
  while (begin) {
    course.visits.flight = flights.length;
    const flight = begin();
    course.follow(flight);
    flights.push(flight);
    // A node that hears of no signal does not hold up the answer.
    await waitAtMost(delivery.deliver(flight), trialLimits.ms + graceMs);
    waiting.push(...findWaiting(course, flight, flights.length - 1));
    waiting.sort((a, b) => a.at - b.at);
    const next = course.cutWords === undefined ? waiting.shift() : undefined;
    if (next) course.now = Math.max(course.now, next.at);
    begin = next && (() => goOn(pipeline, next));
  }
  return flights;
}

const graceMs = 500;

/** A message that goes on behind the node that held it. */
interface Waiting {
  readonly at: number;
  readonly node: string;
  readonly port: string;
  readonly part: string;
  readonly message: Message;
}

function findWaiting({ visits }: Course, flight: Flight, index: number): Waiting[] {
  return listItems(flight).flatMap(({ stage, item }) => {
    const part = writePart(item);
    const onward = visits.of(index, stage.node, part).at(-1)?.onward;
    if (!onward) return [];
    const whole = (item.message.meta.origin?.part ?? "0") + part;
    return [{ ...onward, node: stage.drawn.node, part: `${whole}@${stage.drawn.node}.${onward.port}` }];
  });
}

/** As what was held leaves its node in a running flow. */
function goOn(pipeline: Pipeline, { node, port, part, message }: Waiting): Flight {
  const { source, lane, position, timestamp } = message.meta;
  const origin = { lane, position, part, resent: false };
  const leaving = message.with({ meta: { source, lane, position, timestamp, attempt: 1, origin } });
  const place = { source, lane, position, part };
  return pipeline.beginBehind({ node, port }, leaving, { id: part, place, attempts: 0 });
}

/** What was worked in a flight, stage by stage. */
export function listItems(flight: Flight): { stage: RunningStage; item: Item; index: number }[] {
  return flight.pipeline.stages.flatMap((stage) =>
    (flight.work[stage.index]?.items ?? []).map((item, index) => ({ stage, item, index })),
  );
}
