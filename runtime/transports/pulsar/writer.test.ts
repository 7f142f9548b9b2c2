import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../flow/verdict";
import { TransportError } from "../../transport";
import type { Frame, ProducerEvents, PulsarClient, PulsarProducer } from "./seam";
import { TopicWriter } from "./writer";

const topic = { tenant: "public", namespace: "default", name: "orders" };
const never = new AbortController().signal;
const frame = (text: string, size = 1): Frame => ({ text, size });
const away = { code: "broker-unreachable", message: "Away." };

/** A broker that answers when the test says so. */
function makeBroker() {
  const sessions: { sent: [mark: number, text: string][]; events: ProducerEvents }[] = [];
  let refuses: TransportError | undefined;
  const client = {
    address: "ws://test",
    openProducer: async (_topic: unknown, _options: unknown, events: ProducerEvents): Promise<PulsarProducer> => {
      if (refuses) throw refuses;
      const sent: [number, string][] = [];
      sessions.push({ sent, events });
      return {
        send: (mark, { text }) => void sent.push([mark, text]),
        backlog: 0,
        waiting: () => undefined,
        close: async () => {},
      };
    },
  } as unknown as PulsarClient;
  const writer = new TopicWriter(client, topic, { batching: false, compression: "none" });
  return {
    writer,
    sessions,
    refuse(error: TransportError | undefined) {
      refuses = error;
    },
    async session(index: number) {
      await expect.poll(() => sessions.length).toBeGreaterThan(index);
      const session = sessions[index]!;
      const answer = (text: string, refusal?: Parameters<ProducerEvents["answered"]>[2]) =>
        session.events.answered(session.sent.find(([, each]) => each === text)![0], "", refusal);
      return { ...session, answer, texts: () => session.sent.map(([, text]) => text) };
    },
  };
}

const words = (verdicts: readonly Verdict[]) =>
  verdicts.map((each) => (each.verdict === "done" ? "done" : each.cause.code));

describe("a writer of a topic", () => {
  it("has many on their way, and sends those without a receipt again in their order before newer ones", async () => {
    const broker = makeBroker();
    const first = broker.writer.write(
      ["a", "b", "c"].map((text) => frame(text)),
      never,
    );
    const one = await broker.session(0);
    await expect.poll(one.texts).toEqual(["a", "b", "c"]);
    one.answer("a");
    one.events.closed({ cause: away });
    const second = broker.writer.write([frame("d")], never);
    const two = await broker.session(1);
    await expect.poll(two.texts).toEqual(["b", "c", "d"]);
    // What an older connection still says counts for nothing.
    one.answer("b");
    for (const text of ["b", "c", "d"]) two.answer(text);
    expect(words([...(await first), ...(await second)])).toEqual(["done", "done", "done", "done"]);
    await broker.writer.close();
  });

  it("gives back all behind one that is refused for now, so that none overtakes it", async () => {
    const broker = makeBroker();
    const writing = broker.writer.write(
      ["a", "b", "c"].map((text) => frame(text)),
      never,
    );
    const one = await broker.session(0);
    await expect.poll(one.texts).toHaveLength(3);
    one.answer("b", { of: "broker", cause: away });
    // The first was not answered: it goes again.
    const two = await broker.session(1);
    await expect.poll(two.texts).toEqual(["a"]);
    two.answer("a");
    expect(words(await writing)).toEqual(["done", "broker-unreachable", "broker-unreachable"]);
    await broker.writer.close();
  });

  it("rejects one that can never be written, and the largest when one was too large for the connection", async () => {
    const broker = makeBroker();
    const writing = broker.writer.write([frame("a"), frame("b"), frame("large", 900)], never);
    const one = await broker.session(0);
    await expect.poll(one.texts).toHaveLength(3);
    one.answer("a", { of: "message", cause: { code: "broker-refused", message: "Never." } });
    one.events.closed({ cause: away, tooLarge: true });
    const two = await broker.session(1);
    await expect.poll(two.texts).toEqual(["b"]);
    two.answer("b");
    expect(words(await writing)).toEqual(["broker-refused", "done", "message-too-large"]);
    await broker.writer.close();
  });

  it("tells at once what no patience mends, and writes when that is gone", async () => {
    const broker = makeBroker();
    broker.refuse(new TransportError({ code: "topic-missing", message: "There is none." }));
    expect(words(await broker.writer.write([frame("a")], never))).toEqual(["topic-missing"]);
    broker.refuse(undefined);
    const writing = broker.writer.write([frame("a")], never);
    const one = await broker.session(0);
    await expect.poll(one.texts).toEqual(["a"]);
    one.answer("a");
    expect(words(await writing)).toEqual(["done"]);
    await broker.writer.close();
  });

  it("answers those who stop, and does not send what they had waiting", async () => {
    const broker = makeBroker();
    broker.refuse(new TransportError(away as { code: "broker-unreachable"; message: string }));
    const stop = new AbortController();
    const writing = broker.writer.write([frame("a")], stop.signal);
    stop.abort();
    expect(words(await writing)).toEqual(["broker-unreachable"]);
    expect(broker.writer.isIdle).toBe(true);
    await broker.writer.close();
  });
});
