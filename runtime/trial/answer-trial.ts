import { bulkhead } from "cockatiel";
import type { Answers, Question } from "../../flow/control";
import type { FlowDocument } from "../../flow/document";
import { parseFlow } from "../../flow/parse";
import { Borrower } from "../connections";
import type { QuestionHouse } from "../control-questions";
import { TransportError } from "../transport";
import { TrialRefusal } from "./course";
import type { TrialHouse } from "./open-trial";
import { runCases } from "./run-cases";
import { tryMessage } from "./try-message";

/** Answers `message-try`. @throws TransportError when the drawing cannot run, or the message cannot be */
export function answerTry(
  house: QuestionHouse,
  { document, ...request }: Question<"message-try">,
): Promise<Answers["message-try"]> {
  return withPorts(house, async (trials) => {
    const { trial } = await tryMessage(trials, { ...request, document: readDocument(document) });
    return trial;
  });
}

/** Answers `cases-run`. @throws TransportError for a document that is no flow */
export function answerCases(
  house: QuestionHouse,
  { document, cases }: Question<"cases-run">,
): Promise<Answers["cases-run"]> {
  return withPorts(house, (trials) => runCases(trials, readDocument(document), cases));
}

/** So many at once: the flows that run in this worker go before. */
const room = bulkhead(4, Number.POSITIVE_INFINITY);

/** Connections are opened when a call is made in earnest, and given back at the end. */
async function withPorts<Result>(
  { connections, environment, log, behaviourOf }: QuestionHouse,
  work: (house: TrialHouse) => Promise<Result>,
): Promise<Result> {
  const borrower = new Borrower(connections);
  try {
    const trials: TrialHouse = {
      environment,
      log,
      behaviourOf,
      connection: (kind, name) => borrower.connection(kind, name),
    };
    return await room.execute(() => work(trials));
  } catch (error) {
    if (error instanceof TrialRefusal) throw new TransportError(error.reason);
    throw error;
  } finally {
    borrower.release();
  }
}

function readDocument(document: unknown): FlowDocument {
  const { flow, problems } = parseFlow(document);
  if (flow) return flow;
  const { code, message } = problems[0]!;
  throw new TrialRefusal({ code, message });
}
