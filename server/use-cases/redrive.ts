import "server-only";
import { checkExpression } from "@/flow/expression";
import { refuseMapping } from "@/flow/letter-mapping";
import { letterVariables } from "@/flow/letter-variables";
import { type LetterMapping, printMapping } from "@/flow/printed-mapping";
import { chooseNext } from "@/prisma/choose-letters";
import type { Redrive } from "@/prisma/generated/client";
import { type Actor, recordAudit } from "../audit";
import { type Db, database } from "../database";
import { refusal } from "../refusal";
import type { RedriveView } from "../views";
import { type HandEdit, queueEdited } from "./edit-by-hand";
import { findFlow } from "./find-flow";
import { notifyWorkers } from "./notify";
import { viewRedrives } from "./redrives";

/** Letters are chosen for so long before the answer; a worker goes on with what is left. */
const chooseForMs = 3_000;

export interface RedriveRequest {
  /** These, or all that wait of a flow (and cause, and condition). */
  ids?: string[];
  flow?: string;
  fingerprint?: string;
  cause?: string;
  where?: string;
  target: "node" | "source";
  edit?: HandEdit | LetterMapping;
  /** Letters a second. */
  rate?: number;
  /** It pauses by itself when so many failed again. */
  pauseAfter?: number;
}

/**
 * Asks for waiting dead letters to be sent again: one redrive for each flow that they belong to. Of several people who ask for the
 * same letter the first one has it. All or none: an edit that fails on one of them leaves them as they were.
 */
export async function redriveDeadLetters(
  actor: Actor,
  input: RedriveRequest,
): Promise<{ queued: number; redrives: RedriveView[] }> {
  const { prisma } = database();
  checkRequest(input);
  const flows = await findFlowsOf(prisma, actor.environment, input);
  if (flows.length > 1 && input.edit)
    throw refusal("BAD_REQUEST", "edit-one-flow", "Change the dead letters of one flow at a time.");
  const ids: string[] = [];
  for (const flow of flows) ids.push((await createRedrive(actor, input, flow)).id);
  const until = performance.now() + chooseForMs;
  for (const id of ids) while (performance.now() < until && (await chooseNext(prisma, id)));
  await notifyWorkers(prisma, "redrive");
  const rows = await prisma.redrive.findMany({ where: { id: { in: ids } } });
  const broken = rows.find(({ state, reason }) => state === "stopped" && reason !== null);
  if (broken) throw refusal("BAD_REQUEST", "edit-failed", broken.reason!);
  return { queued: rows.reduce((sum, { asked }) => sum + asked, 0), redrives: await viewRedrives(prisma, rows) };
}

/** @throws TRPCError with the code and words of an expression that cannot be read */
export function checkRequest({ where, edit }: Pick<RedriveRequest, "where" | "edit">): void {
  const [problem] = where === undefined ? [] : checkExpression(where, { variables: letterVariables, expects: "bool" });
  if (problem) throw refusal("BAD_REQUEST", problem.code, `The condition: ${problem.message}`);
  const refused = edit && !isByHand(edit) ? refuseMapping(edit) : null;
  if (refused) throw refusal("BAD_REQUEST", refused.code, refused.message);
}

/** Whether a person wrote one letter; else it is a mapping over many. */
export function isByHand(edit: HandEdit | LetterMapping): edit is HandEdit {
  return "value" in edit;
}

/** The row of a request, as choosing reads it. */
export function makeSelection(environment: string, input: RedriveRequest, flow: { id: string; ids: string[] }) {
  return {
    environment,
    flowId: flow.id,
    ids: flow.ids,
    cause: input.fingerprint ?? input.cause ?? null,
    condition: input.where ?? null,
    target: input.target,
    edit: input.edit && !isByHand(input.edit) ? printMapping(input.edit) : null,
  };
}

export interface FlowOfLetters {
  id: string;
  name: string;
  /** Which of its letters; none = all that wait. */
  ids: string[];
}

/** The flows that the letters of a request belong to. */
export async function findFlowsOf(
  db: Db,
  environment: string,
  { flow, ids }: Pick<RedriveRequest, "flow" | "ids">,
): Promise<FlowOfLetters[]> {
  if (flow !== undefined) {
    const { id, name } = await findFlow(db, environment, flow);
    return [{ id, name, ids: ids ?? [] }];
  }
  const letters = await db.deadLetter.findMany({
    where: { id: { in: ids ?? [] }, environment },
    select: { id: true, flowId: true, flow: true },
  });
  const flows = new Map<string, FlowOfLetters>();
  for (const letter of letters) {
    const found = flows.get(letter.flowId) ?? { id: letter.flowId, name: letter.flow, ids: [] };
    found.ids.push(letter.id);
    flows.set(letter.flowId, found);
  }
  return [...flows.values()];
}

/** The database's clock: workers stamp dead letters by it. */
export async function readNow(db: Db): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT (now() AT TIME ZONE 'UTC')::timestamp(3) AS now`;
  return row!.now;
}

async function createRedrive(actor: Actor, input: RedriveRequest, flow: FlowOfLetters): Promise<Redrive> {
  const { edit, rate, pauseAfter } = input;
  return database().prisma.$transaction(async (tx) => {
    const redrive = await tx.redrive.create({
      data: {
        ...makeSelection(actor.environment, input, flow),
        flow: flow.name,
        by: actor.me.email,
        createdAt: await readNow(tx),
        ...(rate === undefined ? {} : { rate }),
        ...(pauseAfter === undefined ? {} : { pauseAfter, pauseAt: pauseAfter }),
      },
    });
    if (edit && isByHand(edit)) await queueEdited(tx, redrive, edit);
    await recordAudit(tx, actor, "dead-letter.redrive", flow.name, {
      redrive: redrive.id,
      target: input.target,
      edited: edit !== undefined,
      ...describeChoice(input, flow),
    });
    return redrive;
  });
}

/** For the audit: which, how fast, and which fields are set; not to what, which may be somebody's. */
function describeChoice(
  { fingerprint, cause = fingerprint, where, edit, rate }: RedriveRequest,
  { ids }: FlowOfLetters,
) {
  return {
    ...(ids.length > 0 ? { count: ids.length } : {}),
    ...(cause === undefined ? {} : { cause }),
    ...(where === undefined ? {} : { where }),
    ...(edit && "set" in edit ? { fields: Object.keys(edit.set) } : {}),
    ...(rate === undefined ? {} : { rate }),
  };
}
