import { WebSocket } from "ws";
import { TransportError } from "../../../transport";
import { type About, causeOfError, causeOfStatus } from "../causes";
import type { Closing } from "../seam";

const openTimeoutMs = 10_000;
const askEveryMs = 2_000;
const silentMs = 8_000;
const closePatienceMs = 1_000;
/** Above what any broker takes, in base64. */
const maxFrameBytes = 64 * 1024 * 1024;
/** The other end's limit on a frame: it does not say which one was over it. */
const tooLarge = 1009;

export interface SocketEvents {
  text(text: string, socket: PulsarSocket): void;
  /** Once; nothing comes afterwards. Not when it was closed from here. */
  closed(why: Closing): void;
}

/**
 * One WebSocket to Pulsar. A server that hangs, or whose host vanished, closes nothing: it is pinged, and one that is silent for too long
 * is left. Time in which this process itself stood still counts for nothing.
 */
export class PulsarSocket {
  readonly #socket: WebSocket;
  readonly #about: About;
  readonly #events: SocketEvents;
  readonly #asking: NodeJS.Timeout;
  #askedAt: number | undefined;
  #silentForMs = 0;
  #last = Date.now();
  #done = false;

  private constructor(socket: WebSocket, about: About, events: SocketEvents) {
    this.#socket = socket;
    this.#about = about;
    this.#events = events;
    this.#asking = setInterval(() => this.#ask(), askEveryMs);
    socket.on("message", (data) => {
      this.#heard();
      events.text((data as Buffer).toString(), this);
    });
    socket.on("pong", () => this.#heard());
    socket.on("error", (error) => this.#end({ cause: causeOfError(error, about) }));
    socket.on("close", (code, reason) => this.#end(this.#readClose(code, reason.toString())));
  }

  /** @throws TransportError */
  static open(url: URL, headers: Readonly<Record<string, string>>, about: About, events: SocketEvents) {
    return new Promise<PulsarSocket>((resolve, reject) => {
      const socket = new WebSocket(url, {
        headers,
        perMessageDeflate: false,
        handshakeTimeout: openTimeoutMs,
        maxPayload: maxFrameBytes,
        skipUTF8Validation: true,
      });
      const fail = (error: Error) => {
        socket.on("error", () => {});
        reject(new TransportError(causeOfError(error, about), { cause: error }));
      };
      socket.once("error", fail);
      socket.once("unexpected-response", (request, response) => {
        let words = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          if (words.length < 10_000) words += chunk;
        });
        const end = () => {
          request.destroy();
          reject(new TransportError(causeOfStatus(response.statusCode ?? 0, readTitle(words), about)));
        };
        response.once("end", end).once("close", end).once("error", end);
        socket.on("error", () => {});
      });
      // Listeners stand before anything can come: what is permitted at once may arrive with the handshake.
      socket.once("open", () => {
        socket.off("error", fail);
        resolve(new PulsarSocket(socket, about, events));
      });
    });
  }

  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  /** Since when a ping has gone unanswered. */
  waiting(): number | undefined {
    return this.#askedAt;
  }

  /** Jetty often does not answer a goodbye: it is waited for no longer than this. */
  async close(patienceMs = closePatienceMs): Promise<void> {
    this.#finish();
    const socket = this.#socket;
    if (socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        socket.terminate();
        resolve();
      }, patienceMs);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.close(1000);
    });
  }

  #ask(): void {
    const now = Date.now();
    const elapsedMs = Math.min(Math.max(now - this.#last, 0), askEveryMs * 1.5);
    this.#last = now;
    if (this.#askedAt === undefined) {
      this.#askedAt = now;
      this.#silentForMs = 0;
      this.#socket.ping();
      return;
    }
    this.#silentForMs += elapsedMs;
    if (this.#silentForMs < silentMs) return;
    this.#end({ cause: causeOfError(new Error("timed out"), this.#about) });
    this.#socket.terminate();
  }

  #heard(): void {
    this.#askedAt = undefined;
  }

  #readClose(code: number, reason: string): Closing {
    const cause = causeOfError(new Error(`closed (${code}) ${reason}`), this.#about);
    return code === tooLarge ? { cause, tooLarge: true } : { cause };
  }

  #finish(): void {
    this.#done = true;
    clearInterval(this.#asking);
  }

  #end(why: Closing): void {
    if (this.#done) return;
    this.#finish();
    this.#events.closed(why);
  }
}

/** Jetty answers with a page; what it has to say is in its title. */
function readTitle(page: string): string {
  const title = /<title>([\s\S]*?)<\/title>/.exec(page)?.[1] ?? page;
  return title.replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&");
}
