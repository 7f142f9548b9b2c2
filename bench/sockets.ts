import { WebSocket } from "ws";

/** Plain sockets to Pulsar's WebSocket API, and its admin API beside them. */
export interface Sockets {
  /** `consumer/TOPIC/SUBSCRIPTION`, `producer/TOPIC`, with what follows a `?`. Resolves when it is open. */
  open(path: string): Promise<WebSocket>;
  /** Of a topic in `public/default`. @throws Error for an answer that is none of these */
  ask(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: string): Promise<string>;
  close(): void;
}

/** `url`: `ws://host:port`. */
export function openSockets(url: string): Sockets {
  const opened: WebSocket[] = [];
  return {
    open(path) {
      const [kind, ...rest] = path.split("/");
      const socket = new WebSocket(`${url}/ws/v2/${kind}/persistent/public/default/${rest.join("/")}`, {
        // As the flow has it: compressing costs more than all the rest.
        perMessageDeflate: false,
      });
      opened.push(socket);
      return new Promise((resolve, reject) => {
        socket.once("open", () => resolve(socket));
        socket.once("error", reject);
      });
    },
    async ask(method, path, body) {
      const address = `${url.replace(/^ws/, "http")}/admin/v2/persistent/public/default/${path}`;
      const headers = { "content-type": "application/json" };
      const answer = await fetch(address, { method, headers, ...(body === undefined ? {} : { body }) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 200)}`);
      return text;
    },
    close() {
      for (const socket of opened.splice(0)) socket.terminate();
    },
  };
}
