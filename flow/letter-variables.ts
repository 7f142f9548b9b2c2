/** What an expression over dead letters may use: the message as it reached its node, and what became of it there. */
export const letterVariables: readonly string[] = [
  "body",
  "key",
  "headers",
  "meta",
  "cause",
  "node",
  "version",
  "attempts",
];
