import type { SagaSide } from "./state";

/**
 * What a command is known by, outside too (idempotency key, correlation id, job id): `<saga>.<node>`, of a compensation `<saga>.<node>.undo`.
 * The same for every attempt. Neither a saga's id nor a node's has a dot.
 */
export function commandKey(saga: string, node: string, side: SagaSide): string {
  return side === "action" ? `${saga}.${node}` : `${saga}.${node}.undo`;
}

/** The parts of a command's key; `null`: the text is none. */
export function parseCommandKey(
  text: string,
): { readonly saga: string; readonly node: string; readonly side: SagaSide } | null {
  const [saga, node, undo, ...more] = text.split(".");
  if (!saga || !node || more.length > 0 || (undo !== undefined && undo !== "undo")) return null;
  return { saga, node, side: undo === undefined ? "action" : "compensation" };
}
