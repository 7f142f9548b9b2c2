import { describe, expect, it } from "vitest";
import { wordsOfAct } from "./act-words";
import { base, doneStep, visit } from "./testing";

const undoing = doneStep("charge", base, { undo: { state: "stuck", attempt: 3, at: base } });
const stuck = doneStep("charge", base, { state: "stuck" });

describe("the words of an action", () => {
  it("tell an action from its compensation", () => {
    expect(wordsOfAct("complete", "Charge card", undoing, false)).toMatchObject({ verb: "Complete", needs: null });
    expect(wordsOfAct("complete", "Charge card", stuck, false)).toMatchObject({ verb: "Complete", needs: "result" });
    expect(wordsOfAct("skip", "Charge card", undoing, false).explains).toContain("as if the step were undone");
    expect(wordsOfAct("skip", "Charge card", stuck, false).explains).toContain("goes on without it");
  });
  it("tell what waits from what is tried", () => {
    const waiting = visit("delivered", { state: "waiting", awaits: "r-1" });
    expect(wordsOfAct("skip", "Delivered", waiting, false).explains).toContain("without what it waits for");
    expect(wordsOfAct("complete", "Delivered", waiting, false).explains).toContain("as if this had come");
    const pass = visit("size", { state: "stuck" });
    expect(wordsOfAct("complete", "Large?", pass, false).explains).toContain("its whole data");
  });
  it("say where a no leads", () => {
    expect(wordsOfAct("reject", "Ask", undefined, true).explains).toContain("by the port rejected");
    expect(wordsOfAct("reject", "Ask", undefined, false).explains).toContain("is taken back");
  });
  it("ask for a reason where what is done cannot be seen from outside", () => {
    expect(
      (["skip", "cancel", "approve", "reject"] as const).map((each) => wordsOfAct(each, "", stuck, true).needs),
    ).toEqual(["reason", "reason", "words", "words"]);
  });
});
