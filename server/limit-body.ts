import "server-only";
import { readLimited } from "./read-limited";

/** Larger than any drawing, and than a batch of the requests that a page makes at once. */
const requestLimitBytes = 8_388_608;

/** A request with its body read up to the limit; past it, the answer that says so. What is not asked for is never held in memory. */
export async function limitBody(request: Request, limitBytes = requestLimitBytes): Promise<Request | Response> {
  if (!request.body) return request;
  const body = await readLimited(request, limitBytes);
  if (body !== "too-large")
    return new Request(request.url, { method: request.method, headers: request.headers, body, signal: request.signal });
  const message = `The request is larger than ${limitBytes / 1_048_576} MiB. Send less at once.`;
  return Response.json({ code: "request-too-large", message }, { status: 413 });
}
