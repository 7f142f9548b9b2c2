import "server-only";
import { limitBody } from "../limit-body";
import { passWebhook } from "../webhook-gate";
import { Shop } from "./shop";

const bodyLimitBytes = 65_536;
/** Answers that may be kept back at once; past it they come in time. */
const maxSlow = 2_000;

let shop = new Shop();
let slow = 0;

/** The shop of the examples, over HTTP: `/examples/shop/…`. */
export async function answerShop(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/examples\/shop\/?/, "");
  if (request.method === "GET" || request.method === "DELETE") return answerQuestion(request.method, path, url);
  const limited = await limitBody(request, bodyLimitBytes);
  if (limited instanceof Response) return limited;
  const body: unknown = await limited.json().catch(() => undefined);
  if (path === "switches") {
    const switches = shop.flip(body);
    return typeof switches === "string" ? answer(400, { error: switches }) : answer(200, { ...switches });
  }
  const reaction = shop.perform({ path, key: request.headers.get("idempotency-key"), body });
  if (reaction.againTo !== null) void answerAgain(request, reaction.againTo, reaction.answer.body);
  if (reaction.afterMs > 0 && slow < maxSlow) {
    slow++;
    await pause(reaction.afterMs, request.signal);
    slow--;
  }
  return answer(reaction.answer.status, reaction.answer.body);
}

/** `DELETE books` forgets everything, `DELETE switches` flips all back. */
function answerQuestion(method: "GET" | "DELETE", path: string, url: URL): Response {
  if (path !== "books" && path !== "switches")
    return answer(404, { error: "GET and DELETE know /examples/shop/books and /examples/shop/switches." });
  if (method === "DELETE") {
    const fresh = new Shop();
    if (path === "books") fresh.switches = shop.switches;
    if (path === "books") shop = fresh;
    else shop.switches = fresh.switches;
  }
  if (path === "switches") return answer(200, { ...shop.switches });
  const order = url.searchParams.get("order");
  return answer(200, order === null ? shop.readBooks() : shop.readOrder(order));
}

/** The same answer as a message of its own, as a service that lost count would send it. */
async function answerAgain(request: Request, to: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const headers = {
    "content-type": "application/json",
    "correlation-id": request.headers.get("idempotency-key") ?? "",
  };
  const again = new Request(new URL(`/in/${to}`, request.url), { method: "POST", headers, body: JSON.stringify(body) });
  await passWebhook(again).catch(() => {});
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    // Nobody waits for it any more.
    signal.addEventListener("abort", end);
  });
}

function answer(status: number, body: Record<string, unknown>): Response {
  return Response.json(body, { status });
}
