import { Agent } from "undici";
import type { HttpAnswer, HttpPort, HttpUnreachable } from "../../flow/connection-ports";
import type { Cause } from "../../flow/verdict";
import { type OpenTransport, type Transport, TransportError, type TransportOptions } from "../transport";
import { AnswerLateError, exchange } from "./http/exchange";

const testTimeoutMs = 5_000;
const testAnswerBytes = 1_024;

/** HTTP/1.1, with connections that are kept alive. A base address is put before relative ones. */
export const openHttp: OpenTransport<"http"> = (options) => new HttpTransport(options);

/** What every request says, unless the connection or the node says it otherwise. */
const usualHeaders: Readonly<Record<string, string>> = {
  accept: "*/*",
  "accept-encoding": "gzip, br",
  "user-agent": "millrace",
};

type Request = Parameters<HttpPort["request"]>[0];

class HttpTransport implements Transport<"http"> {
  readonly kind = "http";
  readonly port: HttpPort;
  readonly #options: TransportOptions;
  /** Each request has a time of its own. */
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  /** By names in small letters: what the connection says of itself, and what signs it in. */
  readonly #headers: Readonly<Record<string, string>>;
  /** Where those go; absent: everywhere. */
  readonly #origin: string | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.port = { request: (request, signal) => this.#request(request, signal) };
    this.#headers = this.#readHeaders();
    const base = this.#text("baseUrl");
    this.#origin = base === "" ? undefined : URL.canParse(base) ? new URL(base).origin : "";
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

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #request(request: Request, signal: AbortSignal): Promise<HttpAnswer | HttpUnreachable> {
    const url = resolveUrl(this.#text("baseUrl"), request.url);
    if (url === undefined) {
      const message = `"${showAddress(request.url)}" is not a web address: it begins with http:// or https://, or the connection ${this.#options.name} has a base address.`;
      return { unreachable: { code: "http-unreachable", message }, sent: false };
    }
    if (url.username !== "" || url.password !== "") {
      const message = `The address ${showAddress(url.href)} has credentials in it. Put them into the connection.`;
      return { unreachable: { code: "http-unreachable", message }, sent: false };
    }
    try {
      return await exchange(this.#agent, { ...request, url, headers: this.#headersFor(url, request.headers) }, signal);
    } catch (error) {
      const timedOutMs = error instanceof AnswerLateError ? request.timeoutMs : undefined;
      const unreachable = causeOf(error, url, timedOutMs, signal.aborted);
      return neverLeft(error) ? { unreachable, sent: false } : { unreachable };
    }
  }

  /** The connection's headers and credentials, under the node's own. Credentials go to the base address's host only. */
  #headersFor(url: URL, own: Readonly<Record<string, string>>): Record<string, string> {
    const isOwnHost = this.#origin === undefined || url.origin === this.#origin;
    const headers = { ...usualHeaders, ...(isOwnHost ? this.#headers : {}) };
    for (const name in own) headers[name.toLowerCase()] = own[name]!;
    return headers;
  }

  #readHeaders(): Record<string, string> {
    const { config, secrets } = this.#options;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(readRecord(config.headers))) headers[name.toLowerCase()] = value;
    // Without a base address there is no host that they are for.
    const auth = this.#text("baseUrl") === "" ? "none" : this.#text("auth");
    if (auth === "bearer" && secrets.token) headers.authorization = `Bearer ${secrets.token}`;
    if (auth === "basic") {
      const pair = `${this.#text("username")}:${secrets.password ?? ""}`;
      headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    }
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
          : /^Z_|^ERR_BROTLI|^ERR__ERROR_FORMAT/.test(code)
            ? "its answer cannot be unpacked."
            : /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
              ? `its certificate is not trusted (${code}).`
              : /^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|)$/.test(code)
                ? "the request could not be made, for its headers or its body."
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
