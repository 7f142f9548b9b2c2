import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";

interface State {
  /** How deep in braces inside a hole; 0 = in the template's own text. */
  depth: number;
  quote: string | null;
}

const words = /^(?:in|true|false|null)\b/;
const functions =
  /^(?:has|size|string|int|double|bool|type|matches|startsWith|endsWith|contains|exists|all|map|filter|lowerAscii|upperAscii|split|join|pick|random)(?=\()/;

function readCel(stream: StringStream, state: State): string | null {
  if (state.quote !== null) return readString(stream, state);
  if (stream.eatSpace()) return null;
  if (stream.match(/^["']/)) {
    state.quote = stream.current();
    return readString(stream, state);
  }
  if (stream.match(/^\d+(?:\.\d+)?(?:[eE][-+]?\d+)?u?/)) return "number";
  if (stream.match(words)) return "keyword";
  if (stream.match(functions)) return "variableName.function";
  if (stream.match(/^(?:body|key|headers|meta)\b/)) return "variableName";
  if (stream.match(/^[A-Za-z_]\w*/)) return "propertyName";
  if (stream.match(/^(?:==|!=|<=|>=|&&|\|\||[-+*/%<>!?:])/)) return "operator";
  stream.next();
  return null;
}

function readString(stream: StringStream, state: State): string {
  let escaped = false;
  for (let next = stream.next(); next !== undefined; next = stream.next()) {
    if (next === state.quote && !escaped) {
      state.quote = null;
      break;
    }
    escaped = !escaped && next === "\\";
  }
  return "string";
}

const cel = StreamLanguage.define<State>({
  name: "cel",
  startState: () => ({ depth: 1, quote: null }),
  token: readCel,
});

/** Text with `${cel}` holes. */
const celTemplate = StreamLanguage.define<State>({
  name: "cel-template",
  startState: () => ({ depth: 0, quote: null }),
  token(stream, state) {
    if (state.depth === 0) {
      if (stream.match("$${")) return null;
      if (stream.match("${")) {
        state.depth = 1;
        return "brace";
      }
      stream.next();
      while (!stream.eol() && stream.peek() !== "$") stream.next();
      return null;
    }
    if (state.quote === null && stream.peek() === "}" && state.depth === 1) {
      stream.next();
      state.depth = 0;
      return "brace";
    }
    if (state.quote === null && stream.peek() === "{") state.depth++;
    if (state.quote === null && stream.peek() === "}") state.depth--;
    return readCel(stream, state);
  },
  tokenTable: { brace: tags.brace },
});

const colours = HighlightStyle.define([
  { tag: tags.string, color: "var(--ok)" },
  { tag: tags.number, color: "var(--call)" },
  { tag: tags.keyword, color: "var(--route)" },
  { tag: tags.function(tags.variableName), color: "var(--sink)" },
  { tag: tags.variableName, color: "var(--text)", fontWeight: "500" },
  { tag: tags.propertyName, color: "var(--text)" },
  { tag: tags.operator, color: "var(--muted)" },
  { tag: tags.brace, color: "var(--accent)", fontWeight: "600" },
]);

/** Highlighting for an expression or for a template. */
export function celLanguage(holes: boolean): Extension {
  return [holes ? celTemplate : cel, syntaxHighlighting(colours)];
}
