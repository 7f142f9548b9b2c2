"use client";

import { Guarantee } from "./guarantee";
import { ProblemsButton } from "./problems-list";

/** What is known of the drawing as a whole: its guarantee, its problems. */
export function Facts() {
  return (
    <>
      <Guarantee />
      <ProblemsButton />
    </>
  );
}
