/** Text with `${CEL}` holes: `orders.${body.country}`. `$${` is a literal `${`. */
export interface Template {
  readonly source: string;
  /** True when it has no holes. */
  readonly literal: boolean;
  /** @throws ExpressionError with the range in the template's text. */
  render(scope: Readonly<Record<string, unknown>>): string;
}

/** @throws ExpressionError */
export function compileTemplate(_source: string, _options?: { variables?: readonly string[] }): Template {
  throw new Error("unwritten");
}
