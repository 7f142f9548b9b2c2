const space = /[ \t\n\r]*/y;
const scalar =
  /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/** Where a text stops being JSON, as an index into it; `null` when it is JSON. Engines say it in words of their own, or not at all. */
export function findJsonError(text: string): number | null {
  let at = 0;
  const skip = () => {
    space.lastIndex = at;
    space.exec(text);
    at = space.lastIndex;
  };
  const read = (isKey: boolean): boolean => {
    if (isKey && text[at] !== '"') return false;
    scalar.lastIndex = at;
    if (!scalar.test(text)) return false;
    at = scalar.lastIndex;
    return true;
  };
  // A stack of its own: a text may be nested deeper than calls may be.
  const open: string[] = [];
  let expects: "value" | "key" | "end" = "value";
  for (;;) {
    skip();
    const sign = text[at];
    if (expects === "value" && (sign === "{" || sign === "[")) {
      at++;
      skip();
      const close = sign === "{" ? "}" : "]";
      if (text[at] === close) {
        at++;
        expects = "end";
      } else {
        open.push(close);
        expects = sign === "{" ? "key" : "value";
      }
    } else if (expects === "value") {
      if (!read(false)) return at;
      expects = "end";
    } else if (expects === "key") {
      if (!read(true)) return at;
      skip();
      if (text[at] !== ":") return at;
      at++;
      expects = "value";
    } else if (open.length === 0) {
      return at < text.length ? at : null;
    } else if (sign === ",") {
      at++;
      expects = open.at(-1) === "}" ? "key" : "value";
    } else if (sign === open.at(-1)) {
      at++;
      open.pop();
    } else return at;
  }
}
