"use client";

import { createContext, use } from "react";
import type { Problem } from "@/flow/problems";
import type { Shape } from "@/flow/shape/shape";

/** A message as an expression sees it. */
export interface Scope {
  values: Readonly<Record<string, unknown>>;
  /** Which message: "the newest message", "a sample of Orders". */
  words: string;
}

export interface BodyShape {
  shape: Shape;
  /** A schema or an expression says so; else it is what the samples have in common. */
  sure: boolean;
}

/** What the fields of a form know of their surroundings. */
export interface FormEnvironment {
  flow: string;
  node: string;
  problems: readonly Problem[];
  /** The chosen sample. */
  scope: Scope | null;
  /** All samples of the same origin: an expression may be tried on each. */
  samples?: readonly Scope[];
  /** What is known of the body: from schemas and expressions before the node, else from the samples. */
  body?: BodyShape;
  /** Of groups whose expressions see something else, by their path. */
  groupScopes?: Readonly<Record<string, Scope | null>>;
  readOnly: boolean;
  /** Field that a problem led to: it takes the focus. */
  wanted: string | null;
  /** Something was made on the broker: what is known of it is asked again. */
  onPlacesChanged(): void;
}

const Environment = createContext<FormEnvironment | null>(null);
export const FormEnvironmentProvider = Environment.Provider;

export function useFormEnvironment(): FormEnvironment {
  const environment = use(Environment);
  if (!environment) throw new Error("A form's field stands outside of a form.");
  return environment;
}

/** The first problem of exactly this field; an error before a warning. */
export function useFieldProblem(path: string): Problem | undefined {
  const { problems } = useFormEnvironment();
  const own = problems.filter((problem) => problem.field === path);
  return own.find(({ severity }) => severity === "error") ?? own[0];
}
