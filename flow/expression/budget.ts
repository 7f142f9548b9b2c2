import { ExpressionError } from "./errors";

/**
 * What one evaluation may cost. A unit is about one small step (a node of the expression, a list item looked at, 16 characters made),
 * so the bound is the same on every machine and for every message; measured, the worst case ends well within 100 ms.
 */
export const evaluationBudget = 1_000_000;

// One counter for all: evaluations are synchronous and never nest, and a field on each scope would cost more than the evaluation.
let left = 0;

/** Begins an evaluation. */
export function refillBudget(): void {
  left = evaluationBudget;
}

/** Pays for work that is about to be done. @throws ExpressionError `expression-too-costly` when the budget is used up. */
export function spend(units: number): void {
  left -= units;
  if (left < 0) throw tooCostly();
}

/** Pays for text that is about to be made or searched. */
export function spendOnText(characters: number): void {
  spend(1 + (characters >> 4));
}

/** What is left, as a bound for work that can be cut short. */
export function remainingBudget(): number {
  return Math.max(0, left);
}

function tooCostly(): ExpressionError {
  // What comes after a broken budget must not begin to work again.
  left = 0;
  return new ExpressionError(
    "expression-too-costly",
    "The expression takes too long on this message and was ended. Look at lists inside lists and at long texts.",
  );
}
