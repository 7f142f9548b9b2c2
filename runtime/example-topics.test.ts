import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { type FlowDocument, flowFormat, flowSchema } from "../flow/document";
import { listTopics } from "./example-topics";

const examples = new URL("../examples/", import.meta.url);

it("lists the topics of the shipped examples, each once", async () => {
  const files = (await readdir(examples)).filter((name) => name.endsWith(".flow.json"));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, examples), "utf8")));
  const topics = listTopics(texts.map((text) => flowSchema.parse(JSON.parse(text))));
  expect(topics.toSorted()).toEqual(["orders", "orders.de", "payments.large", "prices.requests"]);
});

it("leaves out other connections, templates and empty fields", () => {
  const node = (id: string, config: Record<string, unknown>) => ({ id, kind: "kafka-sink", config });
  const document: FlowDocument = {
    format: flowFormat,
    name: "a",
    nodes: [
      node("one", { connection: "other", topic: "theirs" }),
      node("two", { connection: "kafka", topic: "orders.${body.country}" }),
      node("three", { connection: "kafka", topic: "" }),
      node("four", { connection: "kafka", topic: "ours" }),
      { id: "five", kind: "queue-sink", config: { connection: "kafka", topic: "no" } },
    ],
    edges: [],
  };
  expect(listTopics([document])).toEqual(["ours"]);
});
