import { describe, expect, it } from "vitest";
import { readActedBy, wordsOfDetail } from "./audit-words";

describe("the detail of an entry", () => {
  it.each([
    ["deployment.deploy", { version: 2, revision: 4, begin: "continue" }, "v2 · went on where it stood"],
    ["deployment.stop", { version: 2, revision: 5, sagas: 0 }, "v2"],
    ["flow.save", { revision: 2 }, "draft 2"],
    ["flow.settings", { changes: ["masked below operator: body.price"] }, "masked below operator: body.price"],
    ["user.password", { sessionsEnded: 0 }, ""],
    ["recording.start", { minutes: 60, condition: "body.id == 42" }, "for 60 minutes · what fits body.id == 42"],
    [
      "message.send",
      { lane: "orders/2", position: "7", run: "0123456789ab" },
      "the message of run 01234567 · at orders/2@7",
    ],
    [
      "message.send-all",
      { last: { lane: "orders/2", position: "9" }, first: { lane: "orders/0", position: "1" }, messages: 33 },
      "33 messages · from orders/0@1 · to orders/2@9",
    ],
    ["dead-letter.redrive", { redrive: "r", target: "node", edited: false }, "to where they failed"],
    [
      "dead-letter.redrive",
      { redrive: "r", target: "node", edited: true, count: 60, rate: 2, fields: ["price"] },
      "60 messages · edited · price set · at most 2/s · to where they failed",
    ],
    [
      "dead-letter.discard",
      { letters: ["a", "b"], reason: "tests", count: 2, where: "body.test" },
      "2 messages · where body.test · reason: tests",
    ],
    ["new.deed", { odd: { a: 1 } }, 'odd {"a":1}'],
  ])("%s is told in words", (action, detail, words) => expect(wordsOfDetail(action, detail)).toBe(words));

  it("tells by which token, and who ran the command line", () => {
    const by = { token: "This machine's command line", person: "nora@laptop" };
    expect(readActedBy({ by, version: 1 })).toEqual(by);
    expect(wordsOfDetail("deployment.stop", { by, version: 1 })).toBe("v1");
    expect(readActedBy({ version: 1 })).toBeNull();
  });
});
