import type { Category } from "@/flow/kind";

/** The colour that stands for a category, as the name of its token. */
export const colourOf: Readonly<Record<Category, string>> = {
  Sources: "var(--source)",
  Route: "var(--route)",
  Transform: "var(--transform)",
  Call: "var(--call)",
  Hold: "var(--hold)",
  Saga: "var(--saga)",
  Sinks: "var(--sink)",
};
