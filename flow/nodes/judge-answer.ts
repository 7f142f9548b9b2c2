import type { HttpAnswer } from "../connection-ports";
import type { Expression } from "../expression";
import { readAnswer, readDetail, readRetryAfter } from "../http-answer";
import { failureOf } from "../message-failure";
import { type Failure, rejected, retryDependency, retryMessage } from "../verdict";

/** Who answers, in words, and the codes of what may be wrong with it. */
export interface Answerer {
  readonly who: string;
  readonly failed: string;
  readonly invalid: string;
}

/** What an answer means: `undefined` for success. */
export function judgeAnswer(
  answer: HttpAnswer,
  ok: Expression | undefined,
  node: string,
  { who, failed, invalid }: Answerer,
): Failure | undefined {
  const { status } = answer;
  const succeeded = status >= 200 && status < 300;
  if (ok) {
    try {
      if (ok.test({ status, answer: readAnswer(answer), headers: answer.headers })) return undefined;
    } catch (error) {
      return failureOf(error, node, "ok");
    }
    if (succeeded) {
      const words = `${who} answered ${status}, and \`ok\` of node \`${node}\` says that this is no success.`;
      return rejected(invalid, words, readDetail(answer));
    }
  } else if (succeeded) return undefined;
  if (status === 429 || status === 503)
    return retryDependency(
      failed,
      `${who} answered ${status}: it wants to be asked later.`,
      readRetryAfter(answer.headers["retry-after"]),
    );
  const words = `${who} answered ${status}.`;
  return (status >= 500 ? retryMessage : rejected)(failed, words, readDetail(answer));
}
