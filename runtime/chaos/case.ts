import type { House } from "./house";
import type { Random } from "./random";
import type { Ground } from "./shape";

/** A long test with figures of its own, run on demand by its name. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** What it needs beside what every house has. */
  readonly stands?: readonly Ground[];
  run(scene: CaseScene): Promise<CaseOutcome>;
}

export interface CaseScene {
  readonly house: House;
  readonly random: Random;
  /** Of its time and its messages: 1 is the whole, less is for trying it. */
  readonly scale: number;
  /** Tells how far it is. */
  say(line: string): void;
}

export interface CaseOutcome {
  readonly figures: Readonly<Record<string, string | number>>;
  readonly violations: readonly string[];
  /** Of the workers. */
  readonly log: string;
}
