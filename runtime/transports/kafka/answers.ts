import net from "node:net";
import tls from "node:tls";
import { tlsOptions } from "../tls";
import type { Connection } from "./client-parts";

/** What a socket reads at once. */
const readBytes = 64 * 1024;
const keepAliveMs = 60_000;
const sizeBytes = 4;
const idBytes = 4;
/** What a server that speaks TLS answers to everything else begins with so. */
const tlsAlert = 0x1503;
/** Far more than any broker is set to send; what does not speak Kafka mostly claims more. */
const maxAnswerBytes = 256 * 1024 * 1024;

interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl?: tls.ConnectionOptions | boolean;
  readonly onConnect: () => void;
}

/**
 * A socket as kafkajs makes them, but that each reads into one buffer of its own, again and again: what is read must be copied before the
 * next is. Buffers made anew for every read would fill the memory beside the heap, and it is by that that the collector runs.
 */
export function openSocket({ host, port, ssl, onConnect }: SocketOptions): net.Socket {
  const socket: net.Socket = ssl
    ? tls.connect({ host, port, ...tlsOptions(undefined, host), ...(typeof ssl === "object" ? ssl : {}) }, onConnect)
    : net.connect(
        {
          host,
          port,
          onread: {
            buffer: Buffer.allocUnsafeSlow(readBytes),
            callback: (length, buffer) => socket.emit("data", Buffer.from(buffer.buffer, buffer.byteOffset, length)),
          },
        },
        onConnect,
      );
  return socket.setKeepAlive(true, keepAliveMs).setNoDelay(true);
}

/** What answers does not speak Kafka, or not in the clear. */
export class StrangeAnswerError extends Error {
  override readonly name = "StrangeAnswerError";
  constructor(isTls: boolean) {
    super(isTls ? "it speaks TLS there: switch *TLS* of the connection on" : "what answers there is no Kafka broker");
  }
}

/** Puts the answers of a connection together in kafkajs's place, each in one buffer of exactly its size: bytes are copied once. */
export function fitAnswers(connection: Connection): void {
  const processData = connection.processData.bind(connection);
  let socket: unknown;
  let reader = new AnswerReader();
  connection.processData = (chunk) => {
    if (socket !== connection.socket) {
      ({ socket } = connection);
      reader = new AnswerReader();
    }
    // While it signs in, kafkajs keeps what it is given.
    if (connection.authHandlers) return processData(Buffer.from(chunk));
    try {
      reader.take(chunk, (answer) => {
        const correlationId = answer.readInt32BE(0);
        connection.requestQueue.fulfillRequest({
          correlationId,
          size: answer.length,
          payload: answer.subarray(idBytes),
        });
      });
    } catch (error) {
      connection.socket.destroy(error as Error);
    }
  };
}

/** Cuts a stream of bytes into answers: a size in four bytes, then so many bytes. */
export class AnswerReader {
  readonly #size = Buffer.alloc(sizeBytes);
  #sizeFilled = 0;
  #answer: Buffer | undefined;
  #filled = 0;

  /** Takes the next bytes, and tells each answer that is whole, without its size. @throws Error for what is no answer of Kafka */
  take(chunk: Buffer, tell: (answer: Buffer) => void): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#answer === undefined) {
        const taken = chunk.copy(this.#size, this.#sizeFilled, at);
        this.#sizeFilled += taken;
        at += taken;
        if (this.#sizeFilled < sizeBytes) return;
        this.#answer = Buffer.allocUnsafeSlow(checkSize(this.#size.readInt32BE(0)));
        this.#sizeFilled = 0;
        this.#filled = 0;
      }
      const taken = chunk.copy(this.#answer, this.#filled, at);
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#answer.length) return;
      const answer = this.#answer;
      this.#answer = undefined;
      tell(answer);
    }
  }
}

function checkSize(size: number): number {
  if (size >= idBytes && size <= maxAnswerBytes) return size;
  throw new StrangeAnswerError(size >>> 16 === tlsAlert);
}
