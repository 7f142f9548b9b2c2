import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type FlowDocument, flowFormat } from "../../../flow/document";
import { sleep } from "../../backoff";
import type { House } from "../house";
import { createTopic } from "../read-back";

/** A flow that would like to have the worker for itself. */
export interface Disturber {
  readonly name: string;
  /** The node that has to be named. */
  readonly node: string;
  /** Makes what it needs, and gives the flow and its end. `work` goes on until the signal. */
  open(house: House, name: string): Promise<OpenDisturber>;
}

export interface OpenDisturber {
  readonly flow: FlowDocument;
  work(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const megabyte = 1_000_000;
const source = (topic: string) => ({
  id: "in",
  kind: "kafka-source",
  config: { connection: "kafka", topic, start: "earliest" },
});

function makeFlow(name: string, topic: string, node: FlowDocument["nodes"][number], port = "out"): FlowDocument {
  return {
    format: flowFormat,
    name,
    nodes: [source(topic), node, { id: "end", kind: "log", config: {} }],
    edges: [
      { from: "in", to: node.id },
      { from: port === "out" ? node.id : `${node.id}.${port}`, to: "end" },
    ],
  };
}

/** An expression that looks at each pair of a long list, without a pause. */
const expensiveExpression: Disturber = {
  name: "an expensive expression",
  node: "pairs",
  async open({ outsider }, name) {
    await outsider.create(name);
    const when = "body.list.exists(a, body.list.exists(b, a + b < 0))";
    const value = JSON.stringify({ list: Array.from({ length: 300 }, (_, index) => index) });
    return {
      flow: makeFlow(name, name, { id: "pairs", kind: "filter", config: { when } }, "pass"),
      async work(signal) {
        while (!signal.aborted) {
          await outsider.send(
            name,
            Array.from({ length: 400 }, (_, n) => ({ key: `k${n}`, value })),
          );
          await sleep(500, signal);
        }
      },
      close: async () => {},
    };
  },
};

/** Bodies of 50 MB, read and looked into. */
const largeBody: Disturber = {
  name: "a 50 MB body",
  node: "look",
  async open({ outsider, kafka }, name) {
    await createTopic(kafka.brokers, name, { "max.message.bytes": String(64 * megabyte) }, 1);
    const value = JSON.stringify({ pad: "x".repeat(50 * megabyte) });
    return {
      flow: makeFlow(name, name, { id: "look", kind: "filter", config: { when: "size(body.pad) > 0" } }, "pass"),
      async work(signal) {
        while (!signal.aborted) {
          await outsider.send(name, [{ key: "large", value }]);
          await sleep(3_000, signal);
        }
      },
      close: async () => {},
    };
  },
};

/** A service that takes requests and never answers. */
const hangingEndpoint: Disturber = {
  name: "a hanging HTTP endpoint",
  node: "ask",
  async open({ outsider }, name) {
    await outsider.create(name);
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return {
      flow: makeFlow(name, name, {
        id: "ask",
        kind: "http-request",
        config: { connection: "http", url, timeoutMs: 3_000 },
      }),
      async work(signal) {
        while (!signal.aborted) {
          await outsider.send(
            name,
            Array.from({ length: 200 }, (_, n) => ({ key: `k${n}`, value: JSON.stringify({ n }) })),
          );
          await sleep(500, signal);
        }
      },
      async close() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
};

/** A sink whose broker is not there. */
const deadBroker: Disturber = {
  name: "a dead broker",
  node: "away",
  async open({ outsider, rig }, name) {
    await outsider.create(name);
    // Nothing listens there.
    await rig.database.prisma.connection.create({ data: { name, kind: "kafka", config: { brokers: "127.0.0.1:9" } } });
    return {
      flow: {
        format: flowFormat,
        name,
        nodes: [source(name), { id: "away", kind: "kafka-sink", config: { connection: name, topic: "anywhere" } }],
        edges: [{ from: "in", to: "away" }],
      },
      async work(signal) {
        while (!signal.aborted) {
          await outsider.send(
            name,
            Array.from({ length: 500 }, (_, n) => ({ key: `k${n}`, value: JSON.stringify({ n }) })),
          );
          await sleep(500, signal);
        }
      },
      close: async () => {},
    };
  },
};

export const disturbers: readonly Disturber[] = [expensiveExpression, largeBody, hangingEndpoint, deadBroker];
