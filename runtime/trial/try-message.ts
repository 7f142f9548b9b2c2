import { codecOf } from "../../flow/codecs";
import type { FlowDocument } from "../../flow/document";
import { Message } from "../../flow/message";
import type { TestCase, TestMessage } from "../../flow/test-case";
import { type MessageBytes, readTestMessage } from "../../flow/test-message";
import type { Trial, TrialCalls } from "../../flow/trial";
import { waitAtMost } from "../backoff";
import { Delivery } from "../delivery";
import type { Flight } from "../flight";
import { listItems, writePart } from "../items";
import type { Pipeline } from "../pipeline";
import { GivenAnswers } from "./call-ports";
import { Course, TrialRefusal, trialLimits, waitNoTime } from "./course";
import { drawTrial } from "./draw-trial";
import { openTrial, type TrialHouse } from "./open-trial";
import type { Seen } from "./seen";

/** A message at a source, what calls are answered with where they are not made, and what the flow takes for now. */
export type TrialRequest = Pick<TestCase, "at" | "message"> & {
  readonly answers?: TestCase["answers"] | undefined;
  readonly now?: string | undefined;
};

/** Works one message on a drawing. @throws TrialRefusal when the drawing cannot run, or the message cannot be */
export async function tryMessage(
  house: TrialHouse,
  { document, calls, ...request }: TrialRequest & { readonly document: FlowDocument; readonly calls: TrialCalls },
): Promise<{ trial: Trial; seen: Seen }> {
  const tried = await TriedFlow.open(house, document, calls);
  try {
    return await tried.try(request);
  } finally {
    await tried.close();
  }
}

/**
 * A drawing on which messages are tried, one after the other, with the engine's own pipeline, flights and delivery. Nothing is written, held
 * or recorded; calls are made or answered, as was asked.
 */
export class TriedFlow {
  private constructor(
    readonly house: TrialHouse,
    readonly document: FlowDocument,
    readonly pipeline: Pipeline,
    readonly course: Course,
  ) {}

  /** @throws TrialRefusal when it cannot run */
  static async open(house: TrialHouse, document: FlowDocument, calls: TrialCalls): Promise<TriedFlow> {
    const course = new Course();
    return new TriedFlow(house, document, await openTrial(house, document, calls, course), course);
  }

  /** Only when the one before has ended. @throws TrialRefusal when the message cannot come there */
  async try({ at, message, answers = {}, now }: TrialRequest): Promise<{ trial: Trial; seen: Seen }> {
    const startedAt = performance.now();
    const { document, pipeline, course } = this;
    course.begin(now === undefined ? Date.now() : Date.parse(now), new GivenAnswers(answers));
    try {
      const flights = await this.#work(makeMessage(pipeline, at, readBytes(message), course.now));
      return drawTrial({ document, at, pipeline, course, flights, startedAt });
    } finally {
      course.end();
    }
  }

  close(): Promise<void> {
    return this.pipeline.close();
  }

  /** Works the message, then whatever a clock would have held of it, each in its time. */
  async #work(message: Message): Promise<Flight[]> {
    const { course, pipeline, house } = this;
    const { letters } = course;
    const keep = async (more: readonly Course["letters"][number][]) => void letters.push(...more);
    const delivery = new Delivery({ keep }, { observe: () => {} }, house.log, waitNoTime);
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
}

const graceMs = 500;

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

/** A message that goes on behind the node that held it. */
interface Waiting {
  readonly at: number;
  readonly node: string;
  readonly port: string;
  readonly part: string;
  readonly message: Message;
}

function findWaiting({ visits }: Course, flight: Flight, number: number): Waiting[] {
  return flight.pipeline.stages.flatMap((stage) => {
    const work = flight.work[stage.index];
    return (work ? listItems(work.items) : []).flatMap((item): Waiting[] => {
      const part = writePart(item);
      const onward = visits.of(number, stage.node, part).at(-1)?.onward;
      if (!onward) return [];
      const { node } = stage.drawn;
      const whole = (item.message.meta.origin?.part ?? "0") + part;
      return [{ ...onward, node, part: `${whole}@${node}.${onward.port}` }];
    });
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
