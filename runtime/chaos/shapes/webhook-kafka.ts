import { flowFormat } from "../../../flow/document";
import { deriveControlToken } from "../../../prisma/secrets";
import { sleep } from "../../backoff";
import { rigSecret } from "../../system/rig";
import type { House } from "../house";
import { keyExpression, makeBody, readArrived, wantNumbers } from "../numbered";
import { asWhole } from "../progress";
import type { Random } from "../random";
import { readTopic } from "../read-back";
import type { Shape } from "../shape";

/** Callers side by side, each with one request at a time. */
const callers = 20;
const perSecond = 150;
/** A caller that hears nothing by then asks again. */
const patienceMs = 8_000;

/** Webhook → Kafka, with callers that send again until they get 202. */
export const webhookKafka: Shape = {
  name: "webhook-kafka",
  title: "Webhook → Kafka",
  semantics: ["at-least-once"],
  stands: ["kafka"],
  async open({ house, name, random }) {
    const { outsider, kafka } = house;
    const out = `${name}.out`;
    await outsider.create(out);
    const doors = new Doors(house, random);
    /** How often each number was sent. */
    const sent: number[] = [];
    let feeding = false;
    let open = 0;
    let fed: Promise<unknown> = Promise.resolve();
    const call = async (n: number) => {
      sent[n] = 0;
      open++;
      do sent[n]!++;
      while (!(await post(await doors.any(), `/in/${name}`, makeBody(n))));
      open--;
    };
    const runCaller = async () => {
      while (feeding) {
        const begun = Date.now();
        await call(sent.length);
        await sleep(begun + (callers * 1_000) / perSecond - Date.now());
      }
    };
    return {
      flow: {
        format: flowFormat,
        name,
        settings: { trace: { perSecond: 5 } },
        nodes: [
          { id: "in", kind: "webhook-source", config: { path: name, method: "POST" } },
          {
            id: "topic",
            kind: "kafka-sink",
            config: { connection: "kafka", topic: out, key: keyExpression },
          },
        ],
        edges: [{ from: "in", to: "topic" }],
      },
      // A webhook keeps nothing before it runs.
      fill: async () => {},
      startFeed() {
        feeding = true;
        fed = Promise.all(Array.from({ length: callers }, runCaller));
      },
      countSent: () => sent.length,
      async endFeed() {
        feeding = false;
        await fed;
        return sent.length;
      },
      isSettled: async () => open === 0,
      countArrived: () => outsider.count(out),
      countSettled: asWhole(() => outsider.count(out)),
      async readBooks() {
        const records = await readTopic(kafka.brokers, out);
        return [
          {
            sink: "topic",
            wanted: wantNumbers(sent.map((times, n) => [n, times])),
            arrived: readArrived(records),
            ordered: false,
            perMessage: 1,
          },
        ];
      },
      close: async () => {},
    };
  },
};

/** Where nothing listens. */
const nobody = "http://127.0.0.1:9";

/** Where living workers serve webhooks, as the web process finds them. */
class Doors {
  #addresses: string[] = [];
  #readAt = 0;

  constructor(
    readonly house: House,
    readonly random: Random,
  ) {}

  async any(): Promise<string> {
    if (Date.now() - this.#readAt > 500) {
      this.#readAt = Date.now();
      // While Postgres is away the last known ones stand.
      const workers = await this.house.rig.workers().catch(() => null);
      if (workers) this.#addresses = workers.map(({ address }) => address);
    }
    return this.#addresses.length > 0 ? this.random.pick(this.#addresses) : nobody;
  }
}

const authorization = `Bearer ${deriveControlToken(rigSecret)}`;

/** True when the message is safe. */
async function post(address: string, path: string, body: object): Promise<boolean> {
  try {
    const response = await fetch(address + path, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.arrayBuffer();
    if (response.status === 202) return true;
  } catch {
    // Refused, cut or silent: the caller's next try may meet another worker.
  }
  await sleep(100);
  return false;
}
