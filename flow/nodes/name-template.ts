import { ExpressionError } from "../expression";
import type { ProblemDraft } from "../problems";
import { compileTemplate } from "../template";

/** What BullMQ and its keys in Redis take as the name of a queue. */
export const queueNamePattern = /^[^\s:{}]{1,200}$/;
export const queueNameRule = "it has no colons, braces or spaces";

/** Problems of a topic's or queue's name with `${…}` holes. Its widget is not `template`, so the kind checks it. */
export function checkTemplate(source: string, field: string): ProblemDraft[] {
  try {
    compileTemplate(source);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const code = error.code === "expression-failed" ? "template-syntax" : error.code;
    return [{ code, field, message: error.message, ...(error.range ? { range: error.range } : {}) }];
  }
}
