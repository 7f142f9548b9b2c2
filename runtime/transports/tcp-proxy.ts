import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What a silent proxy holds back: what clients send, what the server answers, or both. */
export type Silence = "requests" | "answers" | "both";

/** One connection through the proxy. */
interface Line {
  readonly incoming: Socket;
  readonly outgoing: Socket;
}

/**
 * A proxy for tests that cuts, silences and restores connections. Kafka's clients go on to the address that the broker gives of itself:
 * `rewrite` puts the proxy's port in its place (a port is four bytes there, after the host).
 */
export class TcpProxy {
  #server: Server | undefined;
  readonly #lines = new Set<Line>();
  /** Left by their server without a word: they only end when the client gives up. */
  readonly #abandoned = new Set<Socket>();
  #silence: Silence | null = null;
  port = 0;
  /** Kafka: when a request of this kind was answered, the answer is lost and its connection broken. Once. */
  loseAnswerTo: number | undefined;

  constructor(
    readonly target: { readonly host: string; readonly port: number },
    readonly rewrite = false,
  ) {}

  /** Begins, or takes connections again after a cut, on the same port. */
  async listen(): Promise<void> {
    const server = createServer((incoming) => this.#connect(incoming));
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Breaks all connections and refuses new ones. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const { incoming, outgoing } of this.#lines) {
      incoming.resetAndDestroy();
      outgoing.resetAndDestroy();
    }
    for (const socket of this.#abandoned) socket.resetAndDestroy();
    if (server === undefined) return;
    server.close();
    await once(server, "close");
  }

  /** Accepts and passes nothing on, in open connections and new ones, until `speak`. What was sent meanwhile arrives then. */
  silence(which: Silence): void {
    this.#silence = which;
    for (const line of this.#lines) this.#hold(line);
  }

  speak(): void {
    this.#silence = null;
    for (const { incoming, outgoing } of this.#lines) {
      incoming.resume();
      outgoing.resume();
    }
  }

  /** Makes the open connections half open: the server has left, the client is not told. New ones work. */
  abandon(): void {
    for (const line of this.#lines) {
      this.#lines.delete(line);
      const { incoming, outgoing } = line;
      this.#abandoned.add(incoming);
      incoming.removeAllListeners("data").removeAllListeners("close");
      // Reading on is how the client's end is noticed.
      incoming.resume().once("close", () => this.#abandoned.delete(incoming));
      outgoing.removeAllListeners("close").destroy();
    }
  }

  #connect(incoming: Socket): void {
    const outgoing = connect(this.target);
    const line = { incoming, outgoing };
    this.#lines.add(line);
    let isLost = false;
    this.#pass(incoming, outgoing, (chunk) => {
      isLost ||= this.#losesAnswerTo(chunk);
      return chunk;
    });
    this.#pass(outgoing, incoming, (chunk) => {
      if (isLost) incoming.resetAndDestroy();
      return this.rewrite ? this.#rewritten(chunk) : chunk;
    });
    for (const socket of [incoming, outgoing]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#lines.delete(line);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    this.#hold(line);
  }

  #pass(from: Socket, to: Socket, change: (chunk: Buffer) => Buffer): void {
    from.on("data", (chunk: Buffer) => {
      if (to.write(change(chunk))) return;
      from.pause();
      to.once("drain", () => {
        if (this.#silence === null) from.resume();
      });
    });
  }

  #hold({ incoming, outgoing }: Line): void {
    if (this.#silence === "requests" || this.#silence === "both") incoming.pause();
    if (this.#silence === "answers" || this.#silence === "both") outgoing.pause();
  }

  /** A request begins with its length and its kind. */
  #losesAnswerTo(chunk: Buffer): boolean {
    if (this.loseAnswerTo === undefined || chunk.length < 6 || chunk.readInt16BE(4) !== this.loseAnswerTo) return false;
    this.loseAnswerTo = undefined;
    return true;
  }

  #rewritten(chunk: Buffer): Buffer {
    const address = Buffer.concat([Buffer.from(this.target.host), toInt32(this.target.port)]);
    for (let at = chunk.indexOf(address); at >= 0; at = chunk.indexOf(address, at + 1)) {
      toInt32(this.port).copy(chunk, at + this.target.host.length);
    }
    return chunk;
  }
}

function toInt32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}
