import type { Place } from "../../flow/connection-ports";
import type { NewPulsarTopic } from "../../flow/connections/pulsar";
import type { PulsarPort } from "../../flow/connections/pulsar-port";
import { type PulsarTopic, pulsarTopicName, readPulsarTopic } from "../../flow/connections/pulsar-topic";
import type { SeenMessage } from "../../flow/control";
import type { PlaceType } from "../../flow/place";
import type { Verdict } from "../../flow/verdict";
import {
  type ForwardedLetter,
  type OpenTransport,
  retryOf,
  type Transport,
  TransportError,
  type TransportOptions,
} from "../transport";
import { fromPlain } from "./plain";
import { readNewest } from "./pulsar/newest";
import { PulsarRequestReply } from "./pulsar/request-reply";
import type { PulsarClient } from "./pulsar/seam";
import { readSettings } from "./pulsar/settings";
import { PulsarSource } from "./pulsar/source";
import { WebSocketClient } from "./pulsar/websocket/client";
import { Writers } from "./pulsar/writers";

const sendTimeoutMs = 10_000;
const plainOptions = { batching: false, compression: "none" } as const;
/** Topics that are asked about side by side. */
const asked = 8;

/** Pulsar: everything below `pulsar/` serves this, and only `pulsar/websocket/` knows how it is spoken to. */
export const openPulsar: OpenTransport<"pulsar"> = (options) => new PulsarTransport(options);

interface Opened {
  readonly client: PulsarClient;
  readonly writers: Writers;
  readonly requestReply: PulsarRequestReply;
  readonly tenant: string;
  readonly namespace: string;
}

class PulsarTransport implements Transport<"pulsar"> {
  readonly kind = "pulsar";
  readonly port: PulsarPort;
  readonly #options: TransportOptions;
  #opened: Opened | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.port = {
      consume: async (consume, handlers) => {
        const { client, requestReply } = this.#open();
        const source = new PulsarSource(client, this.#readTopic(consume.topic), consume, handlers);
        return Object.assign(source, { reply: requestReply.replies.reply });
      },
      request: async (request, signal) => {
        try {
          return await this.#open().requestReply.request(request, signal);
        } catch (error) {
          return retryOf(error);
        }
      },
      produce: async (messages, producer, signal) => {
        try {
          return await this.#open().writers.produce(messages, producer, signal);
        } catch (error) {
          const verdict = retryOf(error);
          return messages.map(() => verdict);
        }
      },
    };
  }

  async test(): Promise<string> {
    const { client, tenant, namespace } = this.#open();
    const [version, topics] = await Promise.all([client.admin.version(), client.admin.topics(tenant, namespace)]);
    return `Pulsar ${version}, ${topics.length} topic${topics.length === 1 ? "" : "s"} in ${tenant}/${namespace}`;
  }

  /** The version is told to anybody whose token is good. */
  reach(): Promise<unknown> {
    return this.#open().client.admin.version();
  }

  async places(prefix: string, limit: number): Promise<{ places: Place[]; more: boolean }> {
    const { client, tenant, namespace } = this.#open();
    const [first, second] = prefix.replace("persistent://", "").split("/");
    const elsewhere = second !== undefined && first !== undefined;
    const at = elsewhere ? { tenant: first, namespace: second } : { tenant, namespace };
    const names = (await client.admin.topics(at.tenant, at.namespace))
      .map((name) => (elsewhere ? `${at.tenant}/${at.namespace}/${name}` : name))
      .filter((name) => name.startsWith(prefix.replace("persistent://", "")));
    return { places: await this.#describe(names.slice(0, limit)), more: names.length > limit };
  }

  async describe(names: readonly string[]): Promise<Place[]> {
    const { client } = this.#open();
    const places = await this.#describe(names);
    return Promise.all(
      places.map(async (place) => ({ ...place, keeps: await client.admin.policies(this.#readTopic(place.name)) })),
    );
  }

  async waiting(name: string, subscription: string): Promise<number | null> {
    const { admin } = this.#open().client;
    const topic = this.#readTopic(name);
    const partitions = await admin.partitions(topic);
    if (partitions === undefined) return null;
    const counts = (await admin.backlogs(topic, partitions)).map((backlog) => backlog[subscription]);
    return counts.reduce<number | null>((sum, count) => (sum === null || count === undefined ? null : sum + count), 0);
  }

  async createPlace(
    _type: PlaceType,
    name: string,
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ created: boolean; place: Place }> {
    const { partitions } = options as NewPulsarTopic;
    const created = await this.#open().client.admin.createTopic(this.#readTopic(name), partitions);
    const [place] = await this.#describe([name]);
    return { created, place: place ?? { name, type: "topic" } };
  }

  forward(topic: string, letters: readonly ForwardedLetter[], signal: AbortSignal): Promise<Verdict[]> {
    const messages = letters.map(({ message: { key, value, headers } }) => ({ topic, key, value, headers }));
    return this.port.produce(messages, plainOptions, signal);
  }

  newest(place: string, limit: number, maxBytes: number): Promise<SeenMessage[]> {
    return readNewest(this.#open().client, this.#readTopic(place), { place, limit, maxBytes });
  }

  async send(place: string, message: Parameters<Transport["send"]>[1]): Promise<{ lane: string; position: string }> {
    const record = { topic: place, ...fromPlain(message) };
    const [verdict] = await this.port.produce([record], plainOptions, AbortSignal.timeout(sendTimeoutMs));
    if (verdict?.verdict !== "done") {
      throw new TransportError(verdict?.cause ?? { code: "broker-unreachable", message: "Pulsar gave no answer." });
    }
    const position = String(verdict.note?.messageId ?? "");
    const partition = Number(position.split(":")[2] ?? -1);
    return { lane: partition < 0 ? place : `${place}-partition-${partition}`, position };
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await Promise.all([opened?.requestReply.close(), opened?.writers.close()]);
  }

  /** Those that exist. */
  async #describe(names: readonly string[]): Promise<Place[]> {
    const { client } = this.#open();
    const places: (Place | undefined)[] = [];
    const next = names.entries();
    const ask = async () => {
      for (const [index, name] of next) {
        const topic = readPulsarTopic(name, this.#open());
        const partitions = topic && (await client.admin.partitions(topic));
        if (topic === undefined || partitions === undefined) continue;
        const messages = await client.admin.messages(topic, partitions);
        places[index] = { name, type: "topic", partitions: Math.max(1, partitions), messages };
      }
    };
    await Promise.all(Array.from({ length: asked }, ask));
    return places.filter((place) => place !== undefined);
  }

  #readTopic(name: string): PulsarTopic {
    const topic = readPulsarTopic(name, this.#open());
    if (topic !== undefined) return topic;
    const message = `"${name.slice(0, 100)}" is not the name of a Pulsar topic: ${pulsarTopicName.rule}.`;
    throw new TransportError({ code: "broker-refused", message });
  }

  /** Opening does no more than read the settings. @throws TransportError when they name no server. */
  #open(): Opened {
    if (this.#opened === undefined) {
      const { tenant, namespace, ...settings } = readSettings(this.#options);
      const client = new WebSocketClient(settings);
      const writers = new Writers(client, (name) => readPulsarTopic(name, { tenant, namespace }));
      const requestReply = new PulsarRequestReply(client, writers, { tenant, namespace }, this.#options);
      this.#opened = { client, writers, requestReply, tenant, namespace };
    }
    return this.#opened;
  }
}
