import { expect, it } from "vitest";
import { titleOfNode } from "./node-title";

const titleOf = (id: string, kind: string, title?: string) =>
  titleOfNode({ id, kind, config: {}, ...(title ? { title } : {}) });

it("reads an id that was made from its kind's name as that name is written", () => {
  expect(titleOf("bullmq-queue", "queue-source")).toBe("BullMQ queue");
  expect(titleOf("http-request-2", "http-request")).toBe("HTTP request 2");
});

it("reads any other id as words; a title goes before", () => {
  expect(titleOf("tax-service", "http-request")).toBe("Tax service");
  expect(titleOf("bullmq-queues", "queue-source")).toBe("Bullmq queues");
  expect(titleOf("bullmq-queue", "queue-source", "Jobs")).toBe("Jobs");
});
