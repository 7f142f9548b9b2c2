import { limitBody } from "@/server/limit-body";

/**
 * The service that the example flows ask. Its failures follow from the order alone, so that a person (and a test) knows what comes:
 * an id ending in 7 never works (500), one ending in 3 works the second time it is asked, more than 100 pieces are refused (422).
 */
const maxPieces = 100;
const orderLimitBytes = 1_048_576;
/** Requests that were failed once, by their idempotency key; bounded, and forgotten with the process. */
const failedOnce = new Set<string>();
const maxRemembered = 10_000;

export async function POST(request: Request): Promise<Response> {
  const limited = await limitBody(request, orderLimitBytes);
  if (limited instanceof Response) return limited;
  const order: unknown = await limited.json().catch(() => undefined);
  if (!isOrder(order)) return answer(400, { error: "An order has an id and a quantity." });
  const { id, quantity } = order;
  if (quantity > maxPieces) return answer(422, { error: `More than ${maxPieces} pieces do not fit on a pallet.` });
  if (id.endsWith("7")) return answer(500, { error: "The shelf is jammed." });
  if (id.endsWith("3") && isFirstTime(request.headers.get("idempotency-key") ?? id))
    return answer(500, { error: "The conveyor belt has just stopped." });
  return answer(200, { accepted: true, order: id, shelf: `${"ABCDEF"[id.length % 6]}${quantity}` });
}

function isFirstTime(key: string): boolean {
  if (failedOnce.has(key)) return false;
  if (failedOnce.size >= maxRemembered) failedOnce.clear();
  failedOnce.add(key);
  return true;
}

function isOrder(value: unknown): value is { id: string; quantity: number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "quantity" in value &&
    typeof value.quantity === "number"
  );
}

function answer(status: number, body: Record<string, unknown>): Response {
  return Response.json(body, { status });
}
