import { expect, it } from "vitest";
import type { RedriveView } from "@/server/views";
import { wordsOfRedrive } from "./redrive-words";

const redrive: RedriveView = {
  id: "r",
  flow: "orders",
  flowTitle: "Orders by country",
  state: "running",
  target: "node",
  ids: 0,
  cause: null,
  where: "body.total > 1",
  edit: null,
  rate: 20,
  pauseAfter: null,
  asked: 1_200,
  left: 700,
  givenBack: 0,
  sent: 490,
  failedAgain: 10,
  changed: 0,
  refused: 0,
  skipped: 0,
  skippedWords: null,
  reason: null,
  by: "ada",
  createdAt: new Date(0),
  endedAt: null,
};

it("says how far it came, and what of it failed", () => {
  expect(wordsOfRedrive(redrive, true)).toEqual({
    tone: "warn",
    title: "Sending again: Orders by country",
    progress: "490 of 1,200 went through · 10 failed again",
    detail: "to the node where each failed · at most 20/s · where body.total > 1 · by ada",
  });
});

it("says what it waits for, and why it ended", () => {
  expect(wordsOfRedrive(redrive, false).title).toBe("Waits for the flow to be deployed: Orders by country");
  const stopped = { ...redrive, state: "stopped" as const, asked: 0, sent: 0, failedAgain: 0, left: 0 };
  expect(wordsOfRedrive({ ...stopped, reason: "The edit fails." }, true)).toMatchObject({
    tone: "bad",
    progress: "none sent",
    detail: "The edit fails.",
  });
});

it("says what was changed, and what a stopped one did not send", () => {
  const edited = { ...redrive, where: null, rate: null, edit: 'set {"price":"9.5","mended":"true"}' };
  expect(wordsOfRedrive(edited, true).detail).toBe(
    "to the node where each failed · price set to 9.5, mended set to true · by ada",
  );
  expect(wordsOfRedrive({ ...edited, edit: "{'id': body.id}" }, true).detail).toContain(
    "body changed to {'id': body.id}",
  );
  const stopped = { ...redrive, state: "stopped" as const, left: 0, givenBack: 700 };
  expect(wordsOfRedrive(stopped, true).progress).toBe(
    "490 of 1,200 went through · 10 failed again · 700 not sent, given up as before",
  );
});
