import { expect, it } from "vitest";
import type { DeadLetterCount } from "@/server/views";
import { countOnTheWay } from "./on-the-way";

const counts: DeadLetterCount[] = [
  { flow: "orders", state: "queued", count: 12 },
  { flow: "orders", state: "sending", count: 8 },
  { flow: "orders", state: "sent", count: 100 },
  { flow: "stock", state: "queued", count: 4904 },
  { flow: "stock", state: "waiting", count: 7 },
];

it("tells what is being sent from what waits for its flow", () => {
  expect(countOnTheWay(counts, new Set(["orders"]))).toEqual({ sending: 8, queued: 12, stopped: 4904 });
});

it("calls nothing stopped while it does not know what runs", () => {
  expect(countOnTheWay(counts, undefined)).toEqual({ sending: 8, queued: 4916, stopped: 0 });
});
