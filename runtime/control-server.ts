import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import type { WebhookRequest } from "../flow/behaviour";
import { type QuestionName, questions } from "../flow/control";
import { metricsContentType } from "../flow/metrics";
import { deriveControlToken, fitsBearer } from "../prisma/secrets";
import { answerQuestion, type QuestionHouse } from "./control-questions";
import { describeError, type Log } from "./log";
import type { WorkerMetrics } from "./metrics";

/** Largest webhook body. */
export const bodyLimitBytes = 1_048_576;
/** Largest question: a drawing, and a message or cases to try on it. */
const questionLimitBytes = 8 * bodyLimitBytes;

/** What the endpoint tells whoever watches over the worker. */
export interface Watched {
  readonly metrics: Pick<WorkerMetrics, "read">;
  /** MILLRACE_METRICS_TOKEN: `/metrics` answers only who shows it. `undefined`: everyone who reaches it. */
  readonly metricsToken: string | undefined;
  /** Does it know what to run? */
  isReady(): boolean;
}

/**
 * Serves the worker's control endpoint: questions of the server, and the webhooks that it passes on, which need the token;
 * and for whoever watches over it `/livez`, `/readyz` and `/metrics`.
 */
export class ControlServer {
  readonly #server: Server;
  readonly #token: Buffer;

  constructor(
    readonly house: QuestionHouse,
    readonly watched: Watched,
    masterSecret: string,
    readonly log: Log,
  ) {
    this.#token = Buffer.from(`Bearer ${deriveControlToken(masterSecret)}`);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        // Whoever asked went away before the question was whole: nobody waits for an answer.
        if (request.destroyed && !request.complete) return;
        this.log.error(describeError(error), "control request failed");
        if (!response.headersSent)
          sendJson(response, 500, { message: "The worker failed unexpectedly. Its log says more." });
        else response.destroy();
      });
    });
    // A webhook waits until its message is safe, which may take as long as a dependency is away.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 30_000;
  }

  /** @returns its address, `http://host:port`. */
  async listen(host: string, port = 0): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
    const { port: bound } = this.#server.address() as AddressInfo;
    const shown = host === "0.0.0.0" || host === "::" ? findOwnAddress() : host;
    return `http://${shown.includes(":") ? `[${shown}]` : shown}:${bound}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    setTimeout(() => this.#server.closeAllConnections(), 1_000).unref();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = readAddress(request.url ?? "/");
    if (!url) return sendJson(response, 400, { message: "This is no address." });
    if (url.pathname === "/livez" || url.pathname === "/health") return sendJson(response, 200, { ok: true });
    if (url.pathname === "/readyz") {
      const ok = this.watched.isReady();
      return sendJson(response, ok ? 200 : 503, { ok });
    }
    if (url.pathname === "/metrics") return this.#tellMetrics(request, response);
    if (!isSame(request.headers.authorization ?? "", this.#token)) {
      return sendJson(response, 401, {
        message: "The token does not fit: is MILLRACE_SECRET the same in web and worker?",
      });
    }
    const isWebhook = url.pathname.startsWith("/in/");
    const limitBytes = isWebhook ? bodyLimitBytes : questionLimitBytes;
    const body = await readBody(request, limitBytes);
    if (!body) {
      // The rest of the body is not read; the connection cannot be used again.
      response.setHeader("connection", "close");
      return sendJson(response, 413, {
        message: `The body is larger than ${limitBytes} bytes. Send less at once.`,
      });
    }
    if (isWebhook) return this.#answerWebhook(request, url, body, response);
    const name = url.pathname.slice("/ask/".length);
    if (request.method === "POST" && url.pathname.startsWith("/ask/") && Object.hasOwn(questions, name)) {
      return this.#answerQuestion(name as QuestionName, body, response);
    }
    return sendJson(response, 404, { message: "There is no such question." });
  }

  async #tellMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metricsToken, metrics } = this.watched;
    if (!fitsBearer(request.headers.authorization, metricsToken))
      return sendJson(response, 401, { message: "The token does not fit MILLRACE_METRICS_TOKEN." });
    response.writeHead(200, { "content-type": metricsContentType }).end(await metrics.read());
  }

  async #answerQuestion(name: QuestionName, body: Buffer, response: ServerResponse): Promise<void> {
    const question = questions[name].safeParse(parseJson(body));
    if (!question.success)
      return sendJson(response, 400, { message: "The question does not have the shape that it needs." });
    sendJson(response, 200, await answerQuestion(this.house, name, question.data as never));
  }

  async #answerWebhook(request: IncomingMessage, url: Address, body: Buffer, response: ServerResponse): Promise<void> {
    const answer = await this.house.supervisor.accept(makeWebhookRequest(request, url, body));
    if (!answer) {
      const message = "No running flow serves this path. Deploy a flow with a webhook of that path and method.";
      return sendJson(response, 404, { code: "webhook-unknown", message });
    }
    const length = Buffer.byteLength(answer.body);
    // With its length said beforehand it goes out in one piece.
    const more = length > 0 ? { "content-length": length } : {};
    response.writeHead(answer.status, { ...answer.headers, ...more }).end(answer.body);
  }
}

/** What is asked for. */
type Address = Pick<URL, "pathname" | "search">;

/** Needs no reading: so are most webhooks asked for. */
const plainPath = /^(\/[\w-]+)+$/;

/** `undefined`: as `//`, which nobody asks for who means us. */
function readAddress(address: string): Address | undefined {
  if (plainPath.test(address)) return { pathname: address, search: "" };
  try {
    return new URL(address, "http://worker");
  } catch {
    return undefined;
  }
}

/** Listening everywhere says nothing of where others find us: the machine's first address does. */
function findOwnAddress(): string {
  const outer = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return outer.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

function makeWebhookRequest(request: IncomingMessage, url: Address, body: Buffer): WebhookRequest {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!.toLowerCase();
    // The token is the server's: what the caller sent to sign in comes under another name, or not at all.
    if (name !== "authorization") headers.push([name, request.rawHeaders[index + 1]!]);
  }
  return {
    method: request.method ?? "POST",
    path: decodePath(url.pathname.slice("/in/".length)),
    query: url.search.slice(1),
    headers,
    body,
  };
}

function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `undefined` when it is larger than the limit. @throws Error when whoever sends it goes away before its end */
function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on("data", (part: Buffer) => {
      length += part.length;
      if (length <= limitBytes) parts.push(part);
      // It is read on, as closing the connection would come before the caller hears why; what goes on without end is closed all the same.
      else if (length > 16 * limitBytes) {
        request.pause();
        resolve(undefined);
      }
    });
    request.on("end", () => resolve(length > limitBytes ? undefined : joinParts(parts, length)));
    request.on("error", reject);
    request.on("close", () => {
      if (!request.complete) reject(new Error("The request was not sent to its end."));
    });
  });
}

/** Most bodies come in one part. */
function joinParts(parts: readonly Buffer[], length: number): Buffer {
  const [first] = parts;
  return parts.length === 1 ? first! : Buffer.concat(parts, length);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

/** In a time that tells nothing of the secret but its length, which is the same for all. */
function isSame(text: string, secret: Buffer): boolean {
  const bytes = Buffer.from(text);
  return bytes.length === secret.length && timingSafeEqual(bytes, secret);
}
