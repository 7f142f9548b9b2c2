import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Case, drawFlow, kafkaSink, threeSides } from "../case";
import { orders } from "../shapes";

export const webhook: Case = {
  title: "Webhook → Kafka",
  about:
    "Each request is answered when Kafka has its message; 64 connections, one request at a time on each. The flow is asked at its worker, past the web process.",
  input: { from: "requests", shape: orders, connections: 64 },
  output: { to: "topics", count: 1 },
  perMessage: 1,
  sides: threeSides(
    ({ input, outputs }) =>
      drawFlow(
        [{ id: "in", kind: "webhook-source", config: { path: input } }, kafkaSink(outputs[0]!)],
        [["in", "out"]],
      ),
    async ({ input, outputs }, hand) => {
      const server = createServer(async (request, response) => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const value = Buffer.concat(parts);
        JSON.parse(value.toString());
        const headers = Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => name !== "authorization"),
        );
        const added = hand.addHeaders(undefined, headers as Record<string, string>);
        await hand.write([{ topic: outputs[0]!, key: null, value, headers: added }]);
        response.writeHead(202, { "content-type": "application/json" }).end('{"accepted":true}');
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      hand.onStop(async () => {
        server.close();
        server.closeAllConnections();
      });
      return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in/${input}` };
    },
  ),
};
