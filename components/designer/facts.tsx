"use client";

import { Guarantee } from "./guarantee";
import { ProblemsButton } from "./problems-list";
import { TestsPill } from "./tests-pill";

/** What is known of the drawing as a whole: its guarantee, its problems, how its cases stand. */
export function Facts() {
  return (
    <>
      <Guarantee />
      <ProblemsButton />
      <TestsPill />
    </>
  );
}
