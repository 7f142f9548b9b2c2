import type { HttpAnswer, HttpPort, HttpUnreachable } from "../../flow/connection-ports";
import type { Cause } from "../../flow/verdict";
import { type OpenTransport, type Transport, TransportError, type TransportOptions } from "../transport";

const testTimeoutMs = 5_000;
const testAnswerBytes = 1_024;

/** HTTP by the built-in fetch, which keeps connections alive. A base address is put before relative ones. */
export const openHttp: OpenTransport<"http"> = (options) => new HttpTransport(options);

type Request = Parameters<HttpPort["request"]>[0];

class HttpTransport implements Transport<"http"> {
  readonly kind = "http";
  readonly port: HttpPort;
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.port = { request: (request, signal) => this.#request(request, signal) };
  }

  async test(): Promise<string> {
    const base = this.#text("baseUrl");
    if (base === "") return "No base address: each node names its own.";
    const answer = await this.#request(
      { method: "GET", url: base, headers: {}, body: null, timeoutMs: testTimeoutMs, maxAnswerBytes: testAnswerBytes },
      new AbortController().signal,
    );
    if ("unreachable" in answer) throw new TransportError(answer.unreachable);
    if (answer.status === 401 || answer.status === 403) {
      const message = `${showAddress(base)} answered ${answer.status}: it wants other credentials.`;
      throw new TransportError({ code: "http-status", message });
    }
    return `${showAddress(base)} answered with ${answer.status}`;
  }

  async places(): Promise<{ places: []; more: false }> {
    return { places: [], more: false };
  }

  async describe(): Promise<[]> {
    return [];
  }

  async newest(): Promise<[]> {
    return [];
  }

  async send(): Promise<never> {
    const message = "Nothing is sent to an HTTP endpoint from here: use an HTTP request node.";
    throw new TransportError({ code: "connection-wrong-kind", message });
  }

  async close(): Promise<void> {}

  async #request(request: Request, signal: AbortSignal): Promise<HttpAnswer | HttpUnreachable> {
    const url = resolveUrl(this.#text("baseUrl"), request.url);
    if (url === undefined) {
      const message = `"${showAddress(request.url)}" is not a web address: it begins with http:// or https://, or the connection ${this.#options.name} has a base address.`;
      return { unreachable: { code: "http-unreachable", message }, sent: false };
    }
    const timeout = AbortSignal.timeout(request.timeoutMs);
    try {
      const response = await fetch(url, {
        method: request.method,
        headers: this.#headersFor(url, request.headers),
        // A copy of its own: fetch's type wants no shared memory.
        body: request.body === null ? null : new Uint8Array(request.body),
        signal: AbortSignal.any([signal, timeout]),
        // A redirect could carry credentials elsewhere, and turns a POST into a GET: it is an answer like any other.
        redirect: "manual",
      });
      const { body, truncated } = await readBody(response, request.maxAnswerBytes);
      return { status: response.status, headers: Object.fromEntries(response.headers), body, truncated };
    } catch (error) {
      const unreachable = causeOf(error, url, timeout.aborted ? request.timeoutMs : undefined, signal.aborted);
      return neverLeft(error) ? { unreachable, sent: false } : { unreachable };
    }
  }

  /** The connection's headers and credentials, under the node's own. Credentials go to the base address's host only. */
  #headersFor(url: URL, own: Readonly<Record<string, string>>): Headers {
    const headers = new Headers();
    const { config, secrets } = this.#options;
    const base = this.#text("baseUrl");
    const isOwnHost = base === "" || new URL(base).origin === url.origin;
    if (isOwnHost) {
      for (const [name, value] of Object.entries(readRecord(config.headers))) headers.set(name, value);
      // Without a base address there is no host that they are for.
      const auth = base === "" ? "none" : this.#text("auth");
      if (auth === "bearer" && secrets.token) headers.set("authorization", `Bearer ${secrets.token}`);
      if (auth === "basic") {
        const pair = `${this.#text("username")}:${secrets.password ?? ""}`;
        headers.set("authorization", `Basic ${Buffer.from(pair).toString("base64")}`);
      }
    }
    for (const [name, value] of Object.entries(own)) headers.set(name, value);
    return headers;
  }

  #text(name: string): string {
    const value = this.#options.config[name];
    return typeof value === "string" ? value.trim() : "";
  }
}

function resolveUrl(base: string, address: string): URL | undefined {
  try {
    // Joined, not resolved: `orders` under `https://host/api` is `https://host/api/orders`, with or without slashes.
    const url =
      base === "" || /^https?:\/\//i.test(address)
        ? new URL(address)
        : new URL(`${base.replace(/\/+$/, "")}${address === "" ? "" : `/${address.replace(/^\/+/, "")}`}`);
    return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an answer up to a limit, and lets go of the rest. */
async function readBody(response: Response, maxBytes: number): Promise<{ body: Uint8Array; truncated: boolean }> {
  if (response.body === null) return { body: new Uint8Array(0), truncated: false };
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { body: Buffer.concat(chunks), truncated: false };
    if (size + value.length > maxBytes) {
      chunks.push(value.subarray(0, maxBytes - size));
      await reader.cancel().catch(() => {});
      return { body: Buffer.concat(chunks), truncated: true };
    }
    chunks.push(value);
    size += value.length;
  }
}

function causeOf(error: unknown, url: URL, timedOutMs: number | undefined, stopped: boolean): Cause {
  const place = showAddress(url.href);
  if (stopped) return { code: "http-unreachable", message: `The request to ${place} was stopped.` };
  if (timedOutMs !== undefined) {
    return { code: "http-timeout", message: `${place} did not answer within ${timedOutMs} ms.` };
  }
  const code = codeOf(error);
  const why =
    code === "ECONNREFUSED"
      ? "the connection was refused."
      : code === "ENOTFOUND" || code === "EAI_AGAIN"
        ? "the host name is not known."
        : code === "ECONNRESET" || code === "UND_ERR_SOCKET"
          ? "the connection broke."
          : /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
            ? `its certificate is not trusted (${code}).`
            : code === ""
              ? "the request could not be made."
              : `${code}.`;
  return { code: "http-unreachable", message: `${place} cannot be reached: ${why}` };
}

/** Codes of what happens before a connection stands: nothing of the request was sent. */
const beforeConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$|CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

function neverLeft(error: unknown): boolean {
  const { code, syscall } = innerOf(error);
  return syscall === "connect" || beforeConnected.test(code);
}

function codeOf(error: unknown): string {
  return innerOf(error).code;
}

function innerOf(error: unknown): { code: string; syscall: unknown } {
  const inner = (error as { cause?: unknown }).cause ?? error;
  // Several addresses were tried: the last one says it.
  const { errors } = inner as { errors?: unknown };
  const { code, syscall } = ((Array.isArray(errors) ? errors.at(-1) : inner) ?? {}) as Record<string, unknown>;
  return { code: typeof code === "string" ? code : "", syscall };
}

/** An address for people: without credentials, query or fragment, any of which may hold a secret. */
function showAddress(address: string): string {
  try {
    const { origin, pathname } = new URL(address);
    return `${origin}${pathname === "/" ? "" : pathname}`;
  } catch {
    return address.replace(/[?#].*$/, "").slice(0, 200);
  }
}

function readRecord(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
