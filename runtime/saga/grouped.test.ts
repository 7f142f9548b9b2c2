import { describe, expect, it } from "vitest";
import { Grouped } from "./grouped";

function open(options: { answer?: (rounds: number) => Promise<void>; most?: number } = {}) {
  const rounds: string[][] = [];
  const grouped = new Grouped<string, string>(
    async (questions) => {
      rounds.push([...questions]);
      await options.answer?.(rounds.length);
      if (questions.includes("bad")) throw Object.assign(new Error("refused"), { code: "22P05" });
      return questions.map((question) => question.toUpperCase());
    },
    { most: options.most ?? 100, nameOf: (question) => question },
  );
  return { grouped, rounds };
}

describe("grouped questions", () => {
  it("takes what comes while a round is under way into the next", async () => {
    let free = () => {};
    const blocked = new Promise<void>((resolve) => {
      free = resolve;
    });
    const { grouped, rounds } = open({ answer: async (round) => (round === 1 ? blocked : undefined) });
    const first = grouped.ask("a");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const rest = ["b", "c", "d"].map((question) => grouped.ask(question));
    free();
    expect(await Promise.all([first, ...rest])).toEqual(["A", "B", "C", "D"]);
    expect(rounds).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("goes in rounds of at most so many", async () => {
    const { grouped, rounds } = open({ most: 2 });
    await Promise.all(["a", "b", "c"].map((question) => grouped.ask(question)));
    expect(rounds).toEqual([["a", "b"], ["c"]]);
  });

  it("asks two of one name one after the other", async () => {
    const { grouped, rounds } = open();
    await Promise.all(["a", "b", "a"].map((question) => grouped.ask(question)));
    expect(rounds).toEqual([["a", "b"], ["a"]]);
  });

  it("finds the one that the store refuses, and answers the others", async () => {
    const { grouped } = open();
    const answers = await Promise.allSettled(["a", "b", "bad", "c"].map((question) => grouped.ask(question)));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });

  it("rejects all of a round when the store is away, and goes on with the next", async () => {
    let isAway = true;
    const { grouped, rounds } = open({
      answer: async () => {
        if (isAway) throw new Error("ECONNREFUSED");
      },
    });
    const answers = await Promise.allSettled(["a", "b"].map((question) => grouped.ask(question)));
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    isAway = false;
    expect(await grouped.ask("a")).toBe("A");
    expect(rounds).toHaveLength(2);
  });
});
