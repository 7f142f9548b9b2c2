"use client";

import dynamic from "next/dynamic";
import { useDesigner } from "./context";
import { Guarantee } from "./guarantee";
import { ProblemsButton } from "./problems-button";

// Only for flows that have cases.
const TestsPill = dynamic(() => import("./tests-pill").then((module) => module.TestsPill), { ssr: false });

/** What is known of the drawing as a whole: its guarantee, its problems, how its cases stand. */
export function Facts() {
  const hasCases = useDesigner((state) => (state.document.tests?.length ?? 0) > 0);
  return (
    <>
      <Guarantee />
      <ProblemsButton />
      {hasCases ? <TestsPill /> : null}
    </>
  );
}
