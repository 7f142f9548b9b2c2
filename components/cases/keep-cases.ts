import type { TestCase } from "@/flow/test-case";
import type { DesignerStore } from "../designer/store";
import { addCases } from "./edit-cases";

/** Adds cases to the draft and gives the name that the first of them has there. */
export function keepCases(store: DesignerStore, cases: readonly TestCase[]): string | undefined {
  const { document, apply } = store.getState();
  const next = addCases(document, cases);
  apply(next);
  return next.tests?.[document.tests?.length ?? 0]?.name;
}
