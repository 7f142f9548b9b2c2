import type { NodeContext, SinkBehaviour } from "../behaviour";
import { compileExpression, scopeOf } from "../expression";
import { maxAnswerBytes } from "../http-answer";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import type { Answer, ReplyEnd } from "../request-reply";
import { compileTemplate } from "../template";
import { done, type Failure, rejected, type Verdict } from "../verdict";
import { contentTypeOf, encodeBody } from "./body-bytes";
import type { RespondConfig } from "./respond";

/** Headers that belong to one connection, or to us: an answer cannot set them. */
const unsettable = /^(connection|content-length|date|keep-alive|set-cookie|te|trailer|transfer-encoding|upgrade)$/;
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

export const respondBehaviour: SinkBehaviour<RespondConfig> = {
  role: "sink",
  open(config, context) {
    const prepare = compileAnswer(config, context);

    async function respond(
      message: Message,
      index: number,
      { signal, traceOf }: Parameters<Write>[1],
    ): Promise<Verdict> {
      const answer = prepare(message);
      if ("verdict" in answer) return answer;
      const trace = traceOf?.(index);
      const traced = trace === undefined ? answer : { ...answer, headers: { ...answer.headers, traceparent: trace } };
      return judgeEnd(await context.reply(message, traced, signal), answer.status);
    }

    function judgeEnd(end: ReplyEnd, status: number): Verdict {
      if ("verdict" in end) return end;
      if (end.is === "answered") return { verdict: "done", note: { status } };
      if (end.is === "unasked") {
        if (config.unasked === "ignore") return done;
        const words = `The message names nobody who waits for an answer: it has no \`reply-to\`. Where that is as it should be, let \`${context.node}\` ignore it.`;
        return rejected("reply-address-missing", words);
      }
      context.count(end.is === "before" ? "answersRepeated" : "answersLate");
      return {
        verdict: "done",
        note: { status, dropped: end.is === "before" ? "answered before" : "nobody waits any more" },
      };
    }

    return { write: (batch, call) => Promise.all(batch.map((message, index) => respond(message, index, call))) };
  },
};

type Write = ReturnType<SinkBehaviour<RespondConfig>["open"]>["write"];

/** Compiles what an answer is made of. The result answers a failure for a message that it cannot be made from. */
function compileAnswer(config: RespondConfig, { node }: NodeContext): (message: Message) => Answer | Failure {
  const status = config.status ? compileExpression(config.status) : undefined;
  const body = config.body ? compileExpression(config.body) : undefined;
  const contentType = config.contentType ? compileTemplate(config.contentType) : undefined;
  const headers = Object.entries(config.headers).map(
    ([name, source]) => [name.toLowerCase(), compileTemplate(source)] as const,
  );
  const refused = headers.find(([name]) => unsettable.test(name) || !headerName.test(name));
  if (refused) throw new Error(`An answer cannot have a header \`${refused[0]}\`.`);

  return (message) => {
    const scope = scopeOf(message);
    let field = "status";
    try {
      const code = status ? Number(status.evaluate(scope)) : 200;
      if (!Number.isInteger(code) || code < 200 || code > 599)
        return rejected("body-invalid", `\`status\` of node \`${node}\` gave no whole number from 200 to 599.`);
      field = "headers";
      const all = Object.fromEntries(headers.map(([name, value]) => [name, value.render(scope)]));
      field = "contentType";
      const type =
        contentType?.render(scope) || all["content-type"] || (body ? "application/json" : contentTypeOf(message));
      if ([type, ...Object.values(all)].some((text) => /[^\t\x20-\x7e\x80-\xff]/.test(text)))
        return rejected(
          "body-invalid",
          `A header of node \`${node}\` has a sign on this message that no header may have.`,
        );
      field = "body";
      const bytes = body ? encodeBody(body.evaluate(scope), type) : message.value;
      if (bytes && bytes.length > maxAnswerBytes) {
        const words = `The answer of \`${node}\` is larger than ${maxAnswerBytes} bytes. Answer with less, or with where it is to be had.`;
        return rejected("message-too-large", words);
      }
      return { status: code, headers: { ...all, "content-type": type }, body: bytes };
    } catch (error) {
      return failureOf(error, node, field);
    }
  };
}
