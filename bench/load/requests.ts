import { connect, type Socket } from "node:net";
import { shapes } from "../shapes";

export interface RequestsOrder {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly shape: string;
}

/**
 * Posts messages over so many connections, each when the one before it is answered, until it is stopped. Bare sockets: Node's own
 * HTTP client would take more of the processor than the side that it loads.
 */
export function sendRequests({ url, token, connections, shape: shapeName }: RequestsOrder): () => Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const shape = shapes[shapeName]!;
  const sockets: Socket[] = [];
  let stopping = false;
  let next = 0;
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `authorization: Bearer ${token}`,
    "content-type: application/json",
  ].join("\r\n");

  for (let index = 0; index < connections; index++) {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.setNoDelay(true);
    let received = "";
    const send = () => {
      const { value } = shape.message(next++);
      socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(value)}\r\n\r\n${value}`);
    };
    socket.on("connect", send);
    socket.on("data", (part) => {
      received += part.toString("latin1");
      if (!isWhole(received)) return;
      if (!received.startsWith("HTTP/1.1 202")) throw new Error(`not accepted: ${received.slice(0, 300)}`);
      received = "";
      if (!stopping) send();
    });
    socket.on("error", (error) => {
      if (!stopping) throw error;
    });
  }
  return async () => {
    stopping = true;
    for (const socket of sockets) socket.destroy();
  };
}

function isWhole(response: string): boolean {
  const end = response.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(response.slice(0, end + 2))?.[1];
  return length === undefined ? response.endsWith("0\r\n\r\n") : response.length >= end + 4 + Number(length);
}
