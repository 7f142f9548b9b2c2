import "server-only";
import { compileSelection, readPage } from "@/prisma/letter-pages";
import { type Actor, recordAudit } from "../audit";
import { type Db, database } from "../database";
import { findFlow } from "./find-flow";
import { checkRequest, findFlowsOf, makeSelection, readNow } from "./redrive";

export interface DiscardRequest {
  /** These, or all that wait of a flow (and cause, and condition). */
  ids?: string[];
  flow?: string;
  fingerprint?: string;
  cause?: string;
  where?: string;
  reason: string;
}

/**
 * Takes dead letters out of what waits, with the reason. They stay readable. One on which the condition fails stays, counted in `skipped`;
 * of many, what was discarded before a crash stays discarded.
 */
export async function discardDeadLetters(
  actor: Actor,
  input: DiscardRequest,
): Promise<{ discarded: number; skipped: number }> {
  const { prisma } = database();
  checkRequest(input);
  if (input.flow === undefined) {
    return prisma.$transaction(async (tx) => {
      const rows = await discard(tx, actor, input.ids ?? [], input.reason);
      const letters = rows.map(({ id }) => id);
      await recordAudit(tx, actor, "dead-letter.discard", nameFlow(rows), describe(input, letters));
      return { discarded: letters.length, skipped: 0 };
    });
  }
  const createdAt = await readNow(prisma);
  const done = { discarded: 0, skipped: 0 };
  for (const flow of await findFlowsOf(prisma, actor.environment, input)) {
    const selection = { ...makeSelection(actor.environment, { ...input, target: "node" }, flow), createdAt };
    const expressions = compileSelection(selection);
    const letters: string[] = [];
    for (let cursor: Parameters<typeof readPage>[3] = null; ; ) {
      const page = await readPage(prisma, selection, expressions, cursor);
      letters.push(...(await discard(prisma, actor, page.fits, input.reason)).map(({ id }) => id));
      done.skipped += page.skipped.length;
      cursor = page.next;
      if (!cursor) break;
    }
    done.discarded += letters.length;
    await recordAudit(prisma, actor, "dead-letter.discard", flow.name, describe(input, letters));
  }
  return done;
}

/** Which of those that were discarded: these, or all of a flow (and of a cause: its code or fingerprint). */
export interface TakeBackRequest {
  ids?: string[];
  flow?: string;
  cause?: string;
}

/** Lets dead letters that were discarded wait again, as they were. */
export async function takeBackDeadLetters(actor: Actor, input: TakeBackRequest): Promise<{ waiting: number }> {
  const { prisma } = database();
  const { environment } = actor;
  const { ids, flow: name, cause } = input;
  const flow = name === undefined ? null : await findFlow(prisma, environment, name);
  return prisma.$transaction(async (tx) => {
    const rows = await tx.deadLetter.updateManyAndReturn({
      where: {
        ...{ environment, state: "discarded" },
        ...(ids ? { id: { in: ids } } : {}),
        ...(flow ? { flowId: flow.id } : {}),
        ...(cause === undefined ? {} : { OR: [{ causeCode: cause }, { fingerprint: cause }] }),
      },
      data: { state: "waiting", reason: null, discardedBy: null, discardedAt: null },
      select: { id: true, flow: true },
    });
    const letters = rows.map(({ id }) => id);
    const object = flow?.name ?? nameFlow(rows);
    const detail = describe({ ...input, reason: "" }, letters);
    if (letters.length > 0) await recordAudit(tx, actor, "dead-letter.take-back", object, detail);
    return { waiting: letters.length };
  });
}

/** The flow that all of these are of; of several, how many they are. */
function nameFlow(rows: readonly { flow: string }[]): string {
  const flows = [...new Set(rows.map(({ flow }) => flow))];
  return flows.length === 1 ? flows[0]! : `${rows.length} by id`;
}

/** An entry names so many letters; of more, the first. */
const mostNamed = 100;

/** What the audit tells: how many, which, why, and by what they were chosen. */
function describe({ reason, fingerprint, cause = fingerprint, where }: DiscardRequest, letters: readonly string[]) {
  return {
    count: letters.length,
    reason,
    ...(cause === undefined ? {} : { cause }),
    ...(where === undefined ? {} : { where }),
    letters: letters.slice(0, mostNamed),
  };
}

/** What stands in a dead letter that somebody discards. */
export function asDiscarded({ me }: Actor, reason: string) {
  return { state: "discarded", reason, discardedBy: me.email, discardedAt: new Date() };
}

/**
 * What somebody sends again at the same moment is theirs: only what waits, or waits to be sent, is discarded.
 * @returns those that were
 */
function discard(db: Db, actor: Actor, ids: readonly string[], reason: string) {
  return db.deadLetter.updateManyAndReturn({
    where: { id: { in: [...ids] }, environment: actor.environment, state: { in: ["waiting", "queued"] } },
    data: asDiscarded(actor, reason),
    select: { id: true, flow: true },
  });
}
