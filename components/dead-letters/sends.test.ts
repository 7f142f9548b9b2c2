import { expect, it } from "vitest";
import { failedAgain, wordsOfLetter } from "./sends";

it("tells what is on its way from what waits for its flow to be deployed", () => {
  const words = (state: "waiting" | "queued" | "sending" | "sent", running: ReadonlySet<string> | undefined) =>
    wordsOfLetter({ state, flow: "orders" }, running).words;
  expect(words("queued", new Set(["orders"]))).toBe("Queued");
  expect(words("sending", new Set(["other"]))).toBe("Queued, flow stopped");
  expect(words("queued", undefined)).toBe("Queued");
  expect(words("waiting", new Set())).toBe("Given up");
  expect(words("sent", new Set())).toBe("Sent again");
});

it("calls failed again what was tried, not what its worker refused", () => {
  const [first, later] = [new Date(1_000), new Date(2_000)];
  expect(failedAgain({ state: "waiting", sends: 1, createdAt: first, failedAt: later })).toBe(true);
  expect(failedAgain({ state: "waiting", sends: 1, createdAt: first, failedAt: first })).toBe(false);
  expect(failedAgain({ state: "sent", sends: 1, createdAt: first, failedAt: later })).toBe(false);
});
