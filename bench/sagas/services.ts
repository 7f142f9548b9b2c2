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

export async function openServices(): Promise<ShopServices> {
  const waiting = new Map<string, () => void>();
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { id } = JSON.parse(Buffer.concat(parts).toString()) as { id: string };
    response.writeHead(200, { "content-type": "application/json" }).end(`{"done":"${id}"}`);
    if (!request.url?.startsWith(last)) return;
    waiting.get(id)?.();
    waiting.delete(id);
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
