import { CodecError } from "../../flow/codec";
import type { AnswerRequest } from "../../flow/holding";
import { maxAnswerBytes } from "../../flow/http-answer";
import type { Message } from "../../flow/message";
import { failureOf } from "../../flow/message-failure";
import { outcomeHeader } from "../../flow/saga/headers";
import { parseCommandKey } from "../../flow/saga/machine";
import type { SagaCall } from "../../flow/saga/request";
import type { CommandResult, SagaSide } from "../../flow/saga/state";
import { done, rejected, type Verdict } from "../../flow/verdict";
import type { HeldVersion, HoldingPlace, KeeperHouse } from "../holding/ports";
import { applyFinal, failWith, showBytes, tooLarge } from "./command-way";
import { openVersion } from "./open-version";
import { readBody } from "./saga-arrivals";
import type { SagaHand } from "./saga-hand";
import { workOf } from "./saga-work";
import { tryLater } from "./try-later";

/** Answers to commands that went out as messages, known by their correlation id. */
export class SagaAnswers {
  constructor(
    readonly house: KeeperHouse,
    readonly hand: SagaHand,
  ) {}

  /** Never rejects. */
  async answer(at: HoldingPlace, messages: readonly AnswerRequest[]): Promise<Verdict[]> {
    let version: HeldVersion;
    try {
      version = await openVersion(this.house, at.version);
    } catch (error) {
      return messages.map(() => tryLater(error));
    }
    try {
      return await Promise.all(messages.map((message) => this.#answerOne(at, version, message)));
    } finally {
      version.release();
    }
  }

  async #answerOne(
    at: HoldingPlace,
    version: HeldVersion,
    { message, correlationId }: AnswerRequest,
  ): Promise<Verdict> {
    const command = correlationId === null ? null : parseCommandKey(correlationId);
    if (!command) {
      const has = correlationId === null ? "no correlation id" : "a correlation id that is no command's";
      const words = `The answer that came to \`${at.node}\` has ${has}. Services send back the header \`correlation-id\` of their command.`;
      return rejected("saga-unknown", words);
    }
    const { saga, node, side } = command;
    // One topic may carry the answers of several steps, and lead to each: every step takes its own.
    if (node !== at.node && takesAnswers(version, node)) return done;
    try {
      const result = judgeReply(message, node, callOf(version, node, side));
      const event = { is: "outcome", node, side, result: { ...result, at: this.house.now() } } as const;
      const applied = await this.hand.apply(saga, event);
      if (applied.is !== "unknown") return done;
      const words = `The answer that came to \`${at.node}\` is for a saga that this flow does not have, or has no more.`;
      return rejected("saga-unknown", words);
    } catch (error) {
      return error instanceof CodecError ? failureOf(error, at.node, "reply") : tryLater(error);
    }
  }
}

/** What an answer by message says. @throws CodecError */
function judgeReply(message: Message, node: string, call: SagaCall | null): CommandResult {
  if ((message.value?.length ?? 0) > maxAnswerBytes) return tooLarge(node);
  const answer = readBody(message);
  const answerText = showBytes(message.value);
  const outcome = message.header(outcomeHeader);
  if (outcome !== "failed" && outcome !== "retry") return { ok: true, answer, answerText };
  const words = outcome === "failed" ? "for good" : "this time";
  const detail = answerText === "" ? {} : { detail: answerText.slice(0, 500) };
  const cause = {
    code: "reply-failed",
    message: `The service of \`${node}\` answered that it failed ${words}.`,
    ...detail,
  };
  const failed = failWith(cause, { final: outcome === "failed", effect: "none" });
  const judged = call ? applyFinal(failed, call, node, { status: null, answer }) : failed;
  return { ...judged, answerText };
}

/** The step of the version through which the answer came: close enough to the one on which its saga began. */
function callOf({ document, plan }: HeldVersion, node: string, side: SagaSide): SagaCall | null {
  const program = plan.sagas.find(({ nodes }) => node in nodes);
  return program ? workOf(document, plan, program.start).callOf(node, side) : null;
}

function takesAnswers({ plan }: HeldVersion, node: string): boolean {
  return plan.segments.some(({ stages }) => stages.some(({ drawn }) => drawn.node === node && drawn.input === "reply"));
}
