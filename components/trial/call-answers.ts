import * as z from "zod";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { type GivenAnswer, givenAnswerSchema } from "@/flow/test-case";
import { explain } from "../cases/read-cases";
import { findKind } from "../drawing/kinds";

/** Answers as they are typed, by node. */
export type TypedAnswers = Readonly<Record<string, string>>;

const answersSchema = z.array(givenAnswerSchema).max(100);

/** The nodes of a drawing that call out. */
export function callersOf(document: FlowDocument): FlowNode[] {
  return document.nodes.filter((node) => findKind(node.kind)?.calls !== undefined);
}

/** What stands in a node's field before anybody typed: what it was answered last, else a plain answer. */
export function typeAnswers(recorded: readonly GivenAnswer[] | undefined): string {
  return JSON.stringify(recorded?.length ? recorded : [{ status: 200, body: {} }], null, 2);
}

/** Answers of one node as typed, or what is wrong with them. */
export function readAnswers(text: string): { answers: GivenAnswer[] } | { words: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { words: "This is not JSON." };
  }
  const parsed = answersSchema.safeParse(Array.isArray(value) ? value : [value]);
  return parsed.success ? { answers: parsed.data } : { words: explain(parsed.error.issues) };
}
