import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The three services that every side calls, one after the other: they answer at once. */
export interface ShopServices {
  readonly url: string;
  /** Resolves when the last of a saga's services was called. */
  whenBooked(id: string): Promise<void>;
  close(): Promise<void>;
}

const last = "/carrier";
const answered = { "content-type": "application/json" };

export async function openServices(): Promise<ShopServices> {
  const waiting = new Map<string, () => void>();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => {
      text += part.toString("latin1");
    });
    request.on("end", () => {
      const { id } = JSON.parse(text) as { id: string };
      response.writeHead(200, answered).end(`{"done":"${id}"}`);
      if (!request.url?.startsWith(last)) return;
      waiting.get(id)?.();
      waiting.delete(id);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    whenBooked: (id) => new Promise((resolve) => waiting.set(id, resolve)),
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
