import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A proxy for tests that cuts and restores connections. Kafka's clients go on to the address that the broker gives of itself:
 * `rewrite` puts the proxy's port in its place (a port is four bytes there, after the host).
 */
export class TcpProxy {
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  port = 0;

  constructor(
    readonly target: { readonly host: string; readonly port: number },
    readonly rewrite = false,
  ) {}

  /** Begins, or takes connections again after a cut, on the same port. */
  async listen(): Promise<void> {
    const server = createServer((incoming) => {
      const outgoing = connect(this.target);
      this.#sockets.add(incoming).add(outgoing);
      incoming.pipe(outgoing);
      if (this.rewrite) outgoing.on("data", (chunk) => incoming.write(this.#rewritten(chunk)));
      else outgoing.pipe(incoming);
      for (const [socket, other] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        socket.on("error", () => {});
        socket.on("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Breaks all connections and refuses new ones. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    if (server === undefined) return;
    server.close();
    await once(server, "close");
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
