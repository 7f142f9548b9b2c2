import "server-only";
import { codecOf } from "@/flow/codecs";
import { compileExpression, type Expression, ExpressionError, scopeOf } from "@/flow/expression";
import { Message } from "@/flow/message";
import type { DeadLetter, Prisma } from "@/prisma/generated/client";
import { type Actor, recordAudit } from "../audit";
import { type Db, database } from "../database";
import { refusal } from "../refusal";
import { readBytes } from "./bytes";
import { readHeaders, whereLetters } from "./dead-letters";
import { notifyWorkers } from "./notify";

/** Most that one request sends again: more come with the next. */
export const redriveLimit = 10_000;
/** How many are in memory at once while they are edited; each may carry a megabyte. */
const editedAtOnce = 50;

export interface Redrive {
  /** These, or all that wait of a flow (and cause). */
  ids?: string[];
  flow?: string;
  fingerprint?: string;
  cause?: string;
  target: "node" | "source";
  edit?: { value: string | null; encoding: "text" | "base64" } | { cel: string };
}

/** Marks waiting dead letters as to be sent again. All or none: an edit that fails on one of them leaves them as they were. */
export async function redriveDeadLetters(actor: Actor, input: Redrive): Promise<{ queued: number }> {
  const { prisma } = database();
  const edit = input.edit && "cel" in input.edit ? { cel: compileEdit(input.edit.cel) } : input.edit;
  const where = await whereChosen(prisma, actor.environment, input);
  return prisma.$transaction(
    async (tx) => {
      const found = await tx.deadLetter.findMany({
        where,
        select: { id: true },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        take: redriveLimit,
      });
      const ids = found.map((letter) => letter.id);
      if (edit) await editLetters(tx, ids, input.target, edit);
      const { count } = await tx.deadLetter.updateMany({
        where: { id: { in: ids }, state: "waiting" },
        data: { state: "queued", target: input.target, claimedBy: null, claimedAt: null },
      });
      await recordAudit(tx, actor, "dead-letter.redrive", input.flow ?? `${count} by id`, {
        count,
        target: input.target,
        edited: edit !== undefined,
      });
      await notifyWorkers(tx, "redrive");
      return { queued: count };
    },
    { timeout: 120_000 },
  );
}

/** Takes dead letters out of what waits, with the reason. They stay readable. */
export async function discardDeadLetters(
  actor: Actor,
  input: { ids: string[]; reason: string },
): Promise<{ discarded: number }> {
  return database().prisma.$transaction(async (tx) => {
    const { count } = await tx.deadLetter.updateMany({
      where: { id: { in: input.ids }, environment: actor.environment, state: { in: ["waiting", "queued"] } },
      data: { state: "discarded", reason: input.reason },
    });
    await recordAudit(tx, actor, "dead-letter.discard", `${count} by id`, { count, reason: input.reason });
    return { discarded: count };
  });
}

async function whereChosen(db: Db, environment: string, input: Redrive): Promise<Prisma.DeadLetterWhereInput> {
  const { ids, flow, fingerprint, cause } = input;
  return {
    ...(await whereLetters(db, environment, {
      state: "waiting",
      ...(flow === undefined ? {} : { flow }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
    })),
    ...(ids === undefined ? {} : { id: { in: ids } }),
    ...(cause === undefined ? {} : { OR: [{ causeCode: cause }, { fingerprint: cause }] }),
  };
}

type Edit = { cel: Expression } | { value: string | null; encoding: "text" | "base64" };

async function editLetters(tx: Db, ids: readonly string[], target: Redrive["target"], edit: Edit): Promise<void> {
  for (let start = 0; start < ids.length; start += editedAtOnce) {
    const letters = await tx.deadLetter.findMany({ where: { id: { in: ids.slice(start, start + editedAtOnce) } } });
    for (const letter of letters) {
      const edited = "cel" in edit ? evaluateEdit(edit.cel, letter, target) : readBytes(edit.value, edit.encoding);
      // Beside what is kept, never over it: what failed is the evidence.
      await tx.deadLetter.update({ where: { id: letter.id }, data: { editedValue: edited, editedFor: target } });
    }
  }
}

function evaluateEdit(
  expression: Expression,
  letter: DeadLetter,
  target: Redrive["target"],
): Uint8Array<ArrayBuffer> | null {
  const fromSource = target === "source" && letter.sourceHeaders !== null;
  const kept = fromSource ? letter.sourceValue : letter.value;
  const message = new Message({
    key: fromSource ? letter.sourceKey : letter.key,
    value: letter.editedFor === target ? letter.editedValue : kept,
    headers: readHeaders({ headers: fromSource ? letter.sourceHeaders : letter.headers }),
    codec: codecOf(letter.codec),
    meta: {
      source: letter.source,
      lane: letter.lane,
      position: letter.position,
      timestamp: letter.timestamp.getTime(),
      attempt: letter.attempts,
    },
  });
  try {
    const value = message.withBody(expression.evaluate(scopeOf(message))).value;
    return value === null ? null : new Uint8Array(value);
  } catch (error) {
    const words = error instanceof Error ? error.message : "it failed.";
    throw refusal(
      "BAD_REQUEST",
      "edit-failed",
      `The edit fails on the dead letter ${letter.id} (${letter.lane}, ${letter.position}), so none was sent: ${words}`,
    );
  }
}

function compileEdit(source: string): Expression {
  try {
    return compileExpression(source);
  } catch (error) {
    if (error instanceof ExpressionError) throw refusal("BAD_REQUEST", error.code, error.message);
    throw error;
  }
}
