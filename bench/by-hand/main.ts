/** A process of the benchmark's own: runs one loop by hand, fills topics and queues, sends requests, or paces messages, as it is told. */

import type { Places, Side } from "../case";
import { cases } from "../cases";
import { fillPulsar, fillQueue, fillRabbit, fillStream, fillTopic } from "../load/fill";
import { measureDelays, type PaceOrder } from "../load/pace";
import { type RequestsOrder, sendRequests } from "../load/requests";
import { openHand } from "./hand";

/** What the process is told. It answers each order once, with `done` or `failed`. */
export type Order =
  | { readonly do: "start"; readonly case: string; readonly side: string; readonly at: Places }
  | { readonly do: "stop" }
  | { readonly do: "fill-topic"; readonly shape: string; readonly topic: string; readonly count: number }
  | {
      readonly do: "fill-queue" | "fill-rabbitmq" | "fill-redis-stream" | "fill-pulsar";
      readonly shape: string;
      readonly place: string;
      readonly count: number;
    }
  | ({ readonly do: "requests" } & RequestsOrder)
  | ({ readonly do: "pace" } & PaceOrder);

export type Answer =
  | { readonly is: "done"; readonly result?: unknown }
  | { readonly is: "failed"; readonly message: string };

const brokers = process.env.KAFKA_BROKERS!.split(",");
const redisUrl = process.env.REDIS_URL!;
const rabbitmqUrl = process.env.RABBITMQ_URL!;
const pulsarUrl = process.env.PULSAR_URL ?? "";
let stop: () => Promise<void> = async () => {};

async function carryOut(order: Order): Promise<unknown> {
  switch (order.do) {
    case "start": {
      const side = cases[order.case]?.sides.find(({ name }: Side) => name === order.side);
      if (side?.by !== "hand") throw new Error(`${order.case} has no loop by hand called ${order.side}`);
      const hand = await openHand(side.client, brokers, redisUrl, rabbitmqUrl, pulsarUrl);
      stop = hand.stop;
      return side.run(order.at, hand);
    }
    case "stop":
      return stop();
    case "fill-topic":
      return fillTopic(brokers, order.topic, order.shape, order.count);
    case "fill-queue":
      return fillQueue(redisUrl, order.place, order.shape, order.count);
    case "fill-rabbitmq":
      return fillRabbit(rabbitmqUrl, order.place, order.shape, order.count);
    case "fill-redis-stream":
      return fillStream(redisUrl, order.place, order.shape, order.count);
    case "fill-pulsar":
      return fillPulsar(pulsarUrl, order.place, order.shape, order.count);
    case "requests": {
      stop = sendRequests(order);
      return;
    }
    case "pace":
      return measureDelays({ brokers, redisUrl, rabbitmqUrl, pulsarUrl }, order);
  }
}

const answer = (what: Answer) => void process.send?.(what);
process.on("message", (order: Order) => {
  carryOut(order).then(
    (result) => answer({ is: "done", result }),
    (error: unknown) => answer({ is: "failed", message: error instanceof Error ? `${error.stack}` : String(error) }),
  );
});
// Whoever started it is gone.
process.on("disconnect", () => process.exit(0));
