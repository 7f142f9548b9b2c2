import { expect, it } from "vitest";
import { limitBody } from "./limit-body";

const post = (body: BodyInit, headers?: Record<string, string>) =>
  new Request("http://127.0.0.1/api/trpc/flows.push?batch=1", {
    method: "POST",
    body,
    ...(headers ? { headers } : {}),
  });

it("hands on what fits, with its address and headers", async () => {
  const limited = (await limitBody(post("12345678", { authorization: "Bearer x" }), 8)) as Request;
  expect(await limited.text()).toBe("12345678");
  expect(limited.url).toContain("?batch=1");
  expect(limited.headers.get("authorization")).toBe("Bearer x");
});

it("refuses what does not, also when it comes in pieces without a length", async () => {
  const pieces = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("12345")),
  });
  const endless = new Request("http://127.0.0.1/", { method: "POST", body: pieces, duplex: "half" } as RequestInit);
  for (const request of [post("123456789"), endless]) {
    const refused = (await limitBody(request, 8)) as Response;
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ code: "request-too-large" });
  }
});

it("leaves a request without a body as it is", async () => {
  const request = new Request("http://127.0.0.1/");
  expect(await limitBody(request, 8)).toBe(request);
});
