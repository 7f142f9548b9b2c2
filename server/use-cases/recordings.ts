import "server-only";
import { defaultProject } from "@/flow/control";
import { checkExpression } from "@/flow/expression";
import { roleForExpression } from "@/flow/masked";
import { maskText } from "@/flow/masking";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { notFound, refusal } from "../refusal";
import type { RecordingView } from "../views";
import { findFlow } from "./find-flow";
import { readHiddenOf } from "./masks";
import { notifyWorkers } from "./notify";

/** How long one that ended is known. */
const keptMs = 30 * 86_400_000;
/** Each is tried on every message of the flow. */
const maxAtOnce = 3;

/** What is recorded for a time now, of one flow, what ends first on top. */
export async function listRecordings(actor: Actor, flowName: string): Promise<RecordingView[]> {
  const { prisma } = database();
  const flow = await findFlow(prisma, actor.environment, flowName);
  const [rows, hidden] = await Promise.all([
    prisma.recording.findMany({
      where: { flowId: flow.id, environment: actor.environment, endsAt: { gt: new Date() } },
      orderBy: { endsAt: "asc" },
    }),
    readHiddenOf(actor, flow.id),
  ]);
  return rows.map(({ id, condition, by, createdAt, endsAt }) => ({
    id,
    flow: flow.name,
    // It may say the value that it looks for.
    condition: roleForExpression(condition, hidden) === null ? condition : maskText,
    by,
    createdAt,
    endsAt,
  }));
}

/**
 * Asks that every run whose message fits be recorded for a time; workers begin within a second or two.
 * @throws TRPCError for a condition that cannot be read, that reads what the person does not see, or too many at once
 */
export async function startRecording(
  actor: Actor,
  input: { flow: string; condition: string; minutes: number },
): Promise<{ id: string; endsAt: Date }> {
  const { prisma } = database();
  const condition = input.condition.trim();
  const flow = await findFlow(prisma, actor.environment, input.flow);
  const [problem] = checkExpression(condition, { expects: "bool" });
  if (problem) throw refusal("BAD_REQUEST", problem.code, problem.message);
  const needed = roleForExpression(condition, await readHiddenOf(actor, flow.id));
  if (needed !== null) {
    const words = `The condition reads what “${flow.name}” masks: which runs are recorded would tell it. It needs the role ${needed}.`;
    throw refusal("FORBIDDEN", "field-masked", words);
  }
  const hidden = await readHiddenOf({ ...actor, me: { ...actor.me, role: "viewer" } }, flow.id);
  return prisma.$transaction(async (tx) => {
    // Two who ask at once would both find room.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`recording ${flow.id}`}))`;
    const where = { flowId: flow.id, environment: actor.environment, endsAt: { gt: new Date() } };
    if ((await tx.recording.count({ where })) >= maxAtOnce) {
      const words = `“${flow.name}” records ${maxAtOnce} things for a time already. Stop one of them, or wait until one ends.`;
      throw refusal("CONFLICT", "recordings-full", words);
    }
    await tx.recording.deleteMany({ where: { endsAt: { lt: new Date(Date.now() - keptMs) } } });
    const endsAt = new Date(Date.now() + input.minutes * 60_000);
    const { environment, me } = actor;
    const data = { project: defaultProject, environment, flowId: flow.id, condition, by: me.email, endsAt };
    const { id } = await tx.recording.create({ data });
    await recordAudit(tx, actor, "recording.start", flow.name, {
      minutes: input.minutes,
      // What nobody may see who reads the audit is not told there.
      ...(roleForExpression(condition, hidden) === null ? { condition } : { condition: "(it reads a masked field)" }),
    });
    await notifyWorkers(tx, "recording");
    return { id, endsAt };
  });
}

/** Ends what is recorded for a time before its time. What was recorded stays. */
export async function stopRecording(actor: Actor, id: string): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const found = await tx.recording.findFirst({
      where: { id, environment: actor.environment, endsAt: { gt: new Date() } },
      include: { flow: { select: { name: true } } },
    });
    if (!found) throw notFound("recording", id);
    await tx.recording.update({ where: { id }, data: { endsAt: new Date() } });
    await recordAudit(tx, actor, "recording.stop", found.flow.name);
    await notifyWorkers(tx, "recording");
  });
}
