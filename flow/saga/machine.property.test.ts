import fc from "fast-check";
import { expect, test } from "vitest";
import { anyProgram } from "../testing/any-program";
import { anySaga } from "../testing/any-saga";
import { findFaults } from "../testing/saga-faults";
import { type Move, moves, SagaWorld } from "../testing/saga-world";
import { compileSagas } from "./compile";
import { makeEvaluation } from "./evaluate";
import { statusOf } from "./machine";
import { simulateSaga } from "./simulate";

/**
 * Random sagas to which anything happens in any order: answers of all kinds, twice and late, time that passes, workers that are gone,
 * persons. After each event the rules hold (`saga-faults.ts`, `saga-world.ts`), and every saga ends.
 */
const runs = { numRuns: Number(process.env.PROPERTY_RUNS ?? 500) };

const anyMoves = fc.array(fc.tuple(fc.constantFrom(...moves), fc.nat(10_000)), { maxLength: 80, size: "max" });
const failures: readonly Move[] = ["fail for good", "fail for good, maybe done", "reject", "cancel"];

/** What goes on after all that, until the saga stands still. */
function goOnUntilQuiet(world: SagaWorld): void {
  for (let round = 0; world.state.phase !== "ended" && round < 500; round++) if (!world.goOn()) return;
}

test("whatever happens when: the rules hold, and every saga ends or asks a person", () => {
  const ends: Record<string, number> = {};
  fc.assert(
    fc.property(anyProgram, anyMoves, (saga, happens) => {
      const world = new SagaWorld(saga);
      let failed = 0;
      for (const [move, pick] of happens) {
        // Most sagas get somewhere before they fail.
        if (failures.includes(move) && pick % 3 > 0 && failed++ < 3) continue;
        world.move(move, pick);
      }
      goOnUntilQuiet(world);
      expect(world.faults).toEqual([]);
      expect(world.state.phase === "ended" || world.isAsking).toBe(true);
      ends[world.state.outcome ?? "asking"] = (ends[world.state.outcome ?? "asking"] ?? 0) + 1;
      // A person settles what is stuck, one after the other.
      for (let round = 0; world.state.phase !== "ended" && round < 200; round++) {
        for (const { node } of world.state.visits) {
          if (world.tell({ is: "skip", node, by: "Ada", reason: "so" })) continue;
          // An approval that nobody gave in time is asked anew.
          world.tell({ is: "retry", node, by: "Ada" });
          world.tell({ is: "decide", node, approved: true, by: "Ada" });
        }
        goOnUntilQuiet(world);
      }
      expect(world.faults).toEqual([]);
      expect(world.state.phase).toBe("ended");
      world.move("hand on", 0);
      for (const [move, pick] of happens.slice(0, 10)) if (move !== "undo") world.move(move, pick);
      expect(world.faults).toEqual([]);
    }),
    runs,
  );
  // The sagas are of all kinds: none of the ends is left out.
  if (runs.numRuns >= 200)
    for (const end of ["completed", "compensated", "asking"]) expect(ends[end]).toBeGreaterThan(10);
}, 600_000);

test("a drawn saga goes to an end in memory, wherever it fails", () => {
  fc.assert(
    fc.property(anySaga, fc.nat(1_000), (flow, pick) => {
      for (const program of compileSagas(flow)) {
        const nodes = Object.keys(program.nodes);
        const failure = { node: nodes[pick % nodes.length]!, effect: "maybe" as const };
        const { state } = simulateSaga(program, makeEvaluation(flow, program.start), {
          key: "k",
          body: {},
          now: 0,
          failure,
        });
        expect(findFaults(program, undefined, state)).toEqual([]);
        expect(state.phase === "ended" || statusOf(state) === "asking" || statusOf(state) === "stuck").toBe(true);
      }
    }),
    { numRuns: Math.min(runs.numRuns, 200) },
  );
}, 600_000);

test("a saga in memory fails at each of its nodes, and its compensations come behind first", () => {
  fc.assert(
    fc.property(
      anyProgram,
      fc.nat(1_000),
      fc.constantFrom("none" as const, "maybe" as const),
      ({ program, evaluation }, pick, effect) => {
        const nodes = Object.keys(program.nodes);
        const failure = { node: nodes[pick % nodes.length]!, effect };
        const { outcome, forward, backward, leftUndone, state } = simulateSaga(program, evaluation, {
          key: "o-1",
          body: {},
          now: 0,
          failure,
        });
        expect(findFaults(program, undefined, state)).toEqual([]);
        if (outcome === "completed") expect(backward).toEqual([]);
        const waveOf = new Map(backward.map(({ node, wave }) => [node, wave]));
        for (const { node, wave } of backward)
          for (const later of program.behind[node]!) expect(waveOf.get(later) ?? 0).toBeLessThan(wave);
        if (outcome === "compensated") {
          const undone = new Set([...waveOf.keys(), ...leftUndone]);
          for (const each of forward) expect(undone.has(each.node)).toBe(each.effect !== "none");
        }
        for (const each of forward) expect(each.wave).toBeGreaterThan(0);
      },
    ),
    runs,
  );
}, 600_000);
