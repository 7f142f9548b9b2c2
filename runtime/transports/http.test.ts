import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttp } from "./http";

let base = "";
let handle: (request: IncomingMessage, response: ServerResponse, body: string) => void = () => {};
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => handle(request, response, body));
});
const never = new AbortController().signal;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function open(config: Record<string, unknown> = {}, secrets: Record<string, string> = {}) {
  return openHttp({
    name: "http",
    config,
    secrets,
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
}

function request(
  url: string,
  more: {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    timeoutMs?: number;
    maxAnswerBytes?: number;
  } = {},
) {
  return {
    method: more.method ?? "GET",
    url,
    headers: more.headers ?? {},
    body: more.body === undefined ? null : new TextEncoder().encode(more.body),
    timeoutMs: more.timeoutMs ?? 5_000,
    maxAnswerBytes: more.maxAnswerBytes ?? 1_000,
  };
}

describe("http", () => {
  it("sends method, headers and body, and answers with status, headers and body", async () => {
    handle = (incoming, response, body) => {
      response.writeHead(201, { "x-seen": String(incoming.headers["x-own"]) });
      response.end(`${incoming.method} ${incoming.url} ${body}`);
    };
    const answer = await open().port.request(
      request(`${base}/a?b=1`, { method: "POST", headers: { "x-own": "7" }, body: "hi" }),
      never,
    );
    expect(answer).toMatchObject({ status: 201, headers: { "x-seen": "7" }, truncated: false });
    expect("body" in answer && new TextDecoder().decode(answer.body)).toBe("POST /a?b=1 hi");
  });

  it("joins the base address, and sends credentials there only", async () => {
    const seen: unknown[] = [];
    handle = (incoming, response) => {
      seen.push([incoming.url, incoming.headers.authorization, incoming.headers["x-all"]]);
      response.end();
    };
    const transport = open(
      { baseUrl: `${base}/api/`, auth: "bearer", headers: { "x-all": "1" } },
      { token: "topsecret" },
    );
    await transport.port.request(request("/orders"), never);
    await transport.port.request(request(`${base}/elsewhere`), never);
    await transport.port.request(request(`${base.replace("127.0.0.1", "localhost")}/other`), never);
    expect(seen).toEqual([
      ["/api/orders", "Bearer topsecret", "1"],
      ["/elsewhere", "Bearer topsecret", "1"],
      ["/other", undefined, undefined],
    ]);
    expect(await transport.test()).toContain("200");
  });

  it("cuts an answer that is too long", async () => {
    handle = (_, response) => response.end("x".repeat(100_000));
    const answer = await open().port.request(request(base, { maxAnswerBytes: 1_000 }), never);
    expect(answer).toMatchObject({ status: 200, truncated: true });
    expect("body" in answer && answer.body.length).toBe(1_000);
  });

  it.each(["gzip", "br"])("unpacks an answer in %s, no further than its limit", async (encoding) => {
    const pack = encoding === "gzip" ? gzipSync : brotliCompressSync;
    handle = (incoming, response, body) => {
      expect(incoming.headers["accept-encoding"]).toContain(encoding);
      response.writeHead(200, { "content-encoding": encoding });
      response.end(body === "broken" ? "broken" : pack("x".repeat(1_000_000)));
    };
    const whole = await open().port.request(request(base, { maxAnswerBytes: 2_000_000 }), never);
    expect("body" in whole && new TextDecoder().decode(whole.body)).toBe("x".repeat(1_000_000));
    const cut = await open().port.request(request(base, { maxAnswerBytes: 10 }), never);
    expect(cut).toMatchObject({ status: 200, truncated: true });
    expect("body" in cut && new TextDecoder().decode(cut.body)).toBe("x".repeat(10));
    const broken = await open().port.request(request(base, { method: "POST", body: "broken" }), never);
    expect(broken).toMatchObject({ unreachable: { message: expect.stringContaining("cannot be unpacked") } });
    expect(broken).not.toHaveProperty("sent");
    handle = (_, response) => response.writeHead(204, { "content-encoding": encoding }).end();
    expect(await open().port.request(request(base), never)).toMatchObject({ status: 204, truncated: false });
  });

  it("refuses an address with credentials, and headers that are none", async () => {
    const told = await open().port.request(request(base.replace("http://", "http://user:topsecret@")), never);
    expect(told).toMatchObject({ unreachable: { message: expect.stringContaining("Put them into the connection") } });
    expect(JSON.stringify(told)).not.toContain("topsecret");
    const odd = await open().port.request(request(base, { headers: { "x-odd": "topsecret\n" } }), never);
    expect(odd).toMatchObject({ unreachable: { code: "http-unreachable" } });
    expect(JSON.stringify(odd)).not.toContain("topsecret");
  });

  it("sends nothing any more once it was given up", async () => {
    let seen = 0;
    handle = (_, response) => {
      seen++;
      response.end();
    };
    const transport = open();
    const stopped = new AbortController();
    stopped.abort();
    expect(await transport.port.request(request(base), stopped.signal)).toHaveProperty("unreachable");
    const stopping = new AbortController();
    const pending = transport.port.request(request(base), stopping.signal);
    stopping.abort();
    expect(await pending).toHaveProperty("unreachable");
    expect(await transport.port.request(request(base), never)).toMatchObject({ status: 200 });
    expect(seen).toBe(1);
    await transport.close();
  });

  it("joins headers of one name, under names in small letters", async () => {
    handle = (_, response) => response.writeHead(200, { "X-Part": ["a", "b"], "set-cookie": ["one", "two"] }).end();
    const answer = await open().port.request(request(base), never);
    expect(answer).toMatchObject({ headers: { "x-part": "a, b", "set-cookie": "two" } });
  });

  it("says that there was no answer in time, was refused, was stopped, is no address", async () => {
    handle = () => {};
    const port = open().port;
    expect(await port.request(request(base, { timeoutMs: 50 }), never)).toMatchObject({
      unreachable: { code: "http-timeout" },
    });
    const refused = await port.request(request("http://user:topsecret@127.0.0.1:1/x?token=topsecret"), never);
    expect(refused).toMatchObject({ unreachable: { code: "http-unreachable" } });
    expect(JSON.stringify(refused)).not.toContain("topsecret");
    const stopping = new AbortController();
    const pending = port.request(request(base), stopping.signal);
    stopping.abort();
    expect(await pending).toMatchObject({ unreachable: { code: "http-unreachable" } });
    expect(await port.request(request(`http://127.0.0.1:${await findClosedPort()}/`), never)).toMatchObject({
      unreachable: { message: expect.stringContaining("refused") },
      sent: false,
    });
    expect(await port.request(request("http://nowhere.invalid/"), never)).toMatchObject({ sent: false });
    expect(await port.request(request("orders"), never)).toMatchObject({ unreachable: { code: "http-unreachable" } });
    expect(await port.request(request("ftp://x/"), never)).toMatchObject({ unreachable: { code: "http-unreachable" } });
  });

  it("does not say that a request whose connection broke was not sent", async () => {
    handle = (incoming) => incoming.socket.destroy();
    const broken = await open().port.request(request(base), never);
    expect(broken).toMatchObject({ unreachable: { code: "http-unreachable" } });
    expect(broken).not.toHaveProperty("sent");
  });

  it("takes a redirect for an answer", async () => {
    handle = (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    expect(await open().port.request(request(base), never)).toMatchObject({ status: 302 });
  });
});

async function findClosedPort(): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  await new Promise((resolve) => other.close(resolve));
  return port;
}
