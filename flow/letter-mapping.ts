import { BodyPathError, fieldPathPattern, parsePath, setPath } from "./body-path";
import { checkExpression, compileExpression, ExpressionError } from "./expression";
import { type LetterBytes, messageToSend, type ReadableLetter, scopeOfLetter } from "./letter-scope";
import { letterVariables } from "./letter-variables";

/** How each of many dead letters is changed before it is sent: a whole new body, or fields that are set in it as a map node sets them. */
export type LetterMapping = { readonly cel: string } | { readonly set: Readonly<Record<string, string>> };

/** @returns the new value of a letter @throws ExpressionError, CodecError, when it fails on it */
export type MapLetter = (letter: ReadableLetter, target: "node" | "source") => LetterBytes["value"];

const setMark = "set ";

/** A mapping as it is kept and told: its expression, or `set {"field": "expression"}`, which is no expression. */
export function printMapping(mapping: LetterMapping): string {
  return "cel" in mapping ? mapping.cel : `${setMark}${JSON.stringify(mapping.set)}`;
}

/** A mapping from the text that it is kept as. */
export function readMapping(text: string): LetterMapping {
  return text.startsWith(`${setMark}{`) ? { set: JSON.parse(text.slice(setMark.length)) } : { cel: text };
}

/** The expressions of a mapping, each with the field that it sets; the whole new body has none. */
export function expressionsOf(mapping: LetterMapping): { field: string | null; source: string }[] {
  if ("cel" in mapping) return [{ field: null, source: mapping.cel }];
  return Object.entries(mapping.set).map(([field, source]) => ({ field, source }));
}

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
