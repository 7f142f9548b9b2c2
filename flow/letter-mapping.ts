import { BodyPathError, fieldPathPattern, parsePath, setPath } from "./body-path";
import { checkExpression, compileExpression, ExpressionError } from "./expression";
import { type LetterBytes, messageToSend, type ReadableLetter, scopeOfLetter } from "./letter-scope";
import { letterVariables } from "./letter-variables";
import { expressionsOf, type LetterMapping } from "./printed-mapping";

/** @returns the new value of a letter @throws ExpressionError, CodecError, when it fails on it */
export type MapLetter = (letter: ReadableLetter, target: "node" | "source") => LetterBytes["value"];

/** What is wrong with a mapping, in words that name the field; `null` when nothing is. */
export function refuseMapping(mapping: LetterMapping): { code: string; message: string } | null {
  for (const { field, source } of expressionsOf(mapping)) {
    if (field !== null && !fieldPathPattern.test(field))
      return {
        code: "config-field-invalid",
        message: `“${field}” is no field: write a name or a path like address.city.`,
      };
    const [problem] = checkExpression(source, { variables: letterVariables });
    if (problem) return { code: problem.code, message: nameField(field, problem.message) };
  }
  return null;
}

/** Compiles a mapping once, for all letters that it is made on. Every expression sees the body as it would be sent unchanged. */
export function compileMapping(mapping: LetterMapping): MapLetter {
  const parts = expressionsOf(mapping).map(({ field, source }) => ({
    field,
    path: field === null ? null : parsePath(field),
    expression: compileExpression(source, { variables: letterVariables }),
  }));
  return (letter, target) => {
    const message = messageToSend(letter, target);
    const scope = scopeOfLetter(letter, message);
    let body = "set" in mapping ? message.body : null;
    for (const { field, path, expression } of parts) {
      try {
        const value = expression.evaluate(scope) ?? null;
        body = path === null ? value : setPath(body, path, value);
      } catch (error) {
        if (field === null || !(error instanceof ExpressionError || error instanceof BodyPathError)) throw error;
        throw new Error(nameField(field, error.message), { cause: error });
      }
    }
    return message.withBody(body).value;
  };
}

const nameField = (field: string | null, words: string) => (field === null ? words : `\`${field}\`: ${words}`);
