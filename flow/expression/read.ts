import { type ASTNode, Environment, ParseError } from "@marcbachmann/cel-js";
import { ExpressionError } from "./errors";

/** Longest text of an expression, in characters. */
export const maxSourceLength = 20_000;
const limits = { maxAstNodes: 3_000, maxDepth: 60, maxListElements: 1_000, maxMapEntries: 1_000, maxCallArguments: 32 };

const reader = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits,
});

/** Parses CEL. @throws ExpressionError with the place and a way out. */
export function readExpression(source: string): ASTNode {
  if (source.trim() === "")
    throw new ExpressionError("expression-syntax", "The expression is empty.", { from: 0, to: source.length });
  if (source.length > maxSourceLength) {
    throw new ExpressionError("expression-too-costly", `The expression is longer than ${maxSourceLength} characters.`);
  }
  try {
    return reader.parse(source).ast;
  } catch (error) {
    if (error instanceof ParseError) throw describeSyntax(source, error);
    throw new ExpressionError("expression-syntax", "The expression cannot be read.", undefined, { cause: error });
  }
}

function describeSyntax(source: string, error: ParseError): ExpressionError {
  const from = Math.min(error.range?.start ?? 0, source.length);
  const to = Math.min(Math.max(error.range?.end ?? from, from), source.length);
  const range = {
    from: from === source.length ? Math.max(0, from - 1) : from,
    to: Math.max(to, Math.min(from + 1, source.length)),
  };
  if (error.code === "limit_exceeded") {
    return new ExpressionError("expression-too-costly", "The expression is too large or nested too deeply.", range);
  }
  return new ExpressionError("expression-syntax", wordSyntax(source, error, from, to), range);
}

const words: Record<string, string> = {
  unterminated_string: "The text is not closed: its second quote is missing.",
  unterminated_triple_quoted_string: "The text is not closed: its second triple quote is missing.",
  newline_in_string: "The text is not closed on its line: its second quote is missing.",
  invalid_macro_argument: "The first argument must be a name for the item: `list.map(item, item.price)`.",
};

function wordSyntax(source: string, error: ParseError, from: number, to: number): string {
  const fixed = words[error.code];
  if (fixed) return fixed;
  if (error.code === "reserved_identifier") return `\`${source.slice(from, to)}\` is a reserved word of CEL.`;
  const rest = source.slice(from).trimStart();
  if (rest === "") return `The expression ends too early.${hintAtEnd(source)}`;
  const found = /^(?:\w+|.)/.exec(rest)?.[0] ?? "";
  return `\`${found}\` does not fit here.${hintAt(source, from, found)}`;
}

/** What people write out of habit from other languages. */
function hintAt(source: string, from: number, found: string): string {
  if (found === "=") return source[from - 1] === "=" ? " Equality is `==`." : " To compare, write `==`.";
  if (found === "&") return " Write `&&` for and.";
  if (found === "|") return " Write `||` for or.";
  switch (found.toLowerCase()) {
    case "and":
      return " Write `&&` for and.";
    case "or":
      return " Write `||` for or.";
    case "not":
      return " Write `!` for not.";
    case "then":
    case "if":
      return " A choice is `condition ? one : other`.";
    case "`":
      return " Text stands in single or double quotes.";
    case "$":
      return " Here the whole field is an expression: leave out `${` and `}`.";
    default:
      return "";
  }
}

function hintAtEnd(source: string): string {
  const count = (character: string) => source.split(character).length - 1;
  if (count("(") > count(")")) return " A `)` is missing.";
  if (count("[") > count("]")) return " A `]` is missing.";
  if (count("{") > count("}")) return " A `}` is missing.";
  return "";
}
