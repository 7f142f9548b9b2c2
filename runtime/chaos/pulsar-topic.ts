import { once } from "node:events";
import { WebSocket } from "ws";

/** Topics of a Pulsar by its admin API and its WebSocket, as another program would use them. */

/** The id before the first message. */
const earliest = '{"ledgerId":-1,"entryId":-1,"partitionIndex":-1}';
const pathOf = (topic: string) => `persistent/public/default/${topic}`;

export async function createPulsarTopic(url: string, topic: string, partitions: number): Promise<void> {
  await ask(url, "PUT", `${pathOf(topic)}/partitions`, String(partitions));
}

/** Keeps for a subscription of that name what is written from now on. */
export async function subscribePulsar(url: string, topic: string, subscription: string): Promise<void> {
  await ask(url, "PUT", `${pathOf(topic)}/subscription/${subscription}`, earliest);
}

/** Messages that a subscription has not acknowledged, of all of them. */
export async function countPulsarBacklog(url: string, topic: string): Promise<number> {
  const text = await ask(url, "GET", `${pathOf(topic)}/partitioned-stats?getPreciseBacklog=true`);
  const { subscriptions } = JSON.parse(text) as { subscriptions: Readonly<Record<string, { msgBacklog: number }>> };
  return Object.values(subscriptions).reduce((sum, { msgBacklog }) => sum + msgBacklog, 0);
}

/** A producer; `send` resolves when the broker has all of them. */
export async function openPulsarProducer(url: string, topic: string) {
  const socket = new WebSocket(`${url}/ws/v2/producer/${pathOf(topic)}?batchingEnabled=false`);
  await once(socket, "open");
  return {
    async send(records: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
      let left = records.length;
      const answered = new Promise<void>((resolve, reject) => {
        socket.on("message", (answer) => {
          const { result, errorMsg } = JSON.parse(String(answer)) as { result: string; errorMsg?: string };
          if (result !== "ok") reject(new Error(`Pulsar took no message: ${errorMsg}`));
          else if (--left === 0) resolve();
        });
        socket.on("close", () => reject(new Error("Pulsar closed the connection.")));
      });
      for (const { key, value } of records)
        socket.send(JSON.stringify({ key, payload: Buffer.from(value).toString("base64") }));
      await answered.finally(() => socket.removeAllListeners());
    },
    close: () => socket.terminate(),
  };
}

async function ask(url: string, method: "GET" | "PUT", path: string, body?: string): Promise<string> {
  const response = await fetch(`${url.replace(/^ws/, "http")}/admin/v2/${path}`, {
    method,
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Pulsar answered ${response.status} to ${method} ${path}: ${text}`);
  return text;
}
