import { type Header, setHeader } from "../message";
import { compileTemplate } from "../template";

/** Compiles the headers of a config; the result puts them over a message's own. @throws ExpressionError (from both). */
export function compileHeaders(
  config: Readonly<Record<string, string>>,
): (headers: readonly Header[], scope: Readonly<Record<string, unknown>>) => readonly Header[] {
  const templates = Object.entries(config).map(([name, source]) => [name, compileTemplate(source)] as const);
  return (headers, scope) =>
    templates.reduce<readonly Header[]>((all, [name, value]) => setHeader(all, name, value.render(scope)), headers);
}
