import "server-only";
import { TRPCError } from "@trpc/server";
import { findKind } from "@/flow/catalog";
import { configureNode } from "@/flow/configure";
import type { Answers, PlainMessage } from "@/flow/control";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { listPlaces } from "@/flow/flow-places";
import { markResent } from "@/flow/resent";
import { explainNoWorker } from "@/flow/workers";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { webhooksOf } from "../flow-places";
import { Refusal, refusal } from "../refusal";
import type { SentMessages } from "../views";
import { askOneOf, askWorker, chooseRunners, findLivingWorkers, type LivingWorker, takeAnswer } from "../worker-client";
import { findFlow, findVersionDocument, readStored } from "./find-flow";
import { listNodeMessages } from "./runs";

export interface SampleMessage extends PlainMessage {
  /** Nothing came yet: it is the kind's example. */
  isExample?: true;
}

/** A message to begin with: the newest real one at this node, else the kind's example. */
export async function sampleMessage(
  environment: string,
  input: { flow: string; node: string },
): Promise<SampleMessage> {
  const { document, node } = await findNode(environment, input.flow, input.node);
  const place = listPlaces(document).find((each) => each.node === node.id);
  const isSource = findKind(node.kind)?.role === "source";
  const newest = isSource && place ? await readNewest(environment, place.connection, place.name) : null;
  return newest ?? (await readTraced(environment, input)) ?? { ...exampleOf(node), isExample: true };
}

/** Sends a message to a source's broker, or into the running flow for a webhook; `run`: the one of which it is the message. */
export async function sendMessage(
  actor: Actor,
  { run, ...input }: { flow: string; node: string; message: PlainMessage; run?: string | undefined },
): Promise<Answers["message-send"]> {
  const { document } = await findNode(actor.environment, input.flow, input.node, "running");
  const intoFlow = webhooksOf(document).some((webhook) => webhook.node === input.node);
  const { message } = input;
  const marked = run === undefined ? message : { ...message, headers: markResent(message.headers, run) };
  const senders = await findSenders(actor.environment, input.flow, intoFlow);
  const answer = takeAnswer(await askOneOf(senders, "message-send", { ...input, message: marked }));
  const detail = { ...answer, ...(run === undefined ? {} : { run }) };
  await recordAudit(database().prisma, actor, "message.send", `${input.flow}/${input.node}`, detail);
  return answer;
}

/** Sends several messages, one after another, until one cannot be sent; one entry of the audit tells of all. */
export async function sendMessages(
  actor: Actor,
  { messages, ...at }: { flow: string; node: string; messages: readonly PlainMessage[] },
): Promise<SentMessages> {
  const { document } = await findNode(actor.environment, at.flow, at.node, "running");
  const intoFlow = webhooksOf(document).some((webhook) => webhook.node === at.node);
  const senders = await findSenders(actor.environment, at.flow, intoFlow);
  const sent: Answers["message-send"][] = [];
  let failure: SentMessages["failure"];
  for (const message of messages) {
    try {
      sent.push(takeAnswer(await askOneOf(senders, "message-send", { ...at, message })));
    } catch (error) {
      // What went out is told all the same, here and in the audit.
      if (sent.length === 0 || !(error instanceof TRPCError)) throw error;
      failure = { code: error.cause instanceof Refusal ? error.cause.code : error.code, message: error.message };
      break;
    }
  }
  const [first, last] = [sent[0], sent.at(-1)];
  if (first && last) {
    const detail = { messages: sent.length, first: { ...first }, last: { ...last } };
    await recordAudit(database().prisma, actor, "message.send-all", `${at.flow}/${at.node}`, detail);
  }
  return { sent, ...(failure ? { failure } : {}) };
}

/**
 * The workers to send by: those that run the flow, which know its deployed version. Into the flow itself no other can send.
 * @throws TRPCError when only they could, and none lives
 */
async function findSenders(environment: string, flowName: string, intoFlow: boolean): Promise<LivingWorker[]> {
  const { prisma } = database();
  const [{ deployment }, living] = await Promise.all([
    findFlow(prisma, environment, flowName),
    findLivingWorkers(environment),
  ]);
  if (!deployment) return living;
  const counts = await prisma.liveCount.findMany({
    where: { deploymentId: deployment.id },
    select: { workerId: true },
  });
  const reporting = new Set(counts.map((count) => count.workerId));
  const runners = chooseRunners(living, { label: deployment.label, reporting });
  if (!intoFlow) return [...runners, ...living.filter((worker) => !runners.includes(worker))];
  const problem =
    runners.length === 0 && living.length > 0
      ? explainNoWorker(
          deployment.label,
          living.map(({ label }) => label),
        )
      : null;
  if (problem) throw refusal("PRECONDITION_FAILED", problem.code, problem.message);
  return runners;
}

/** Where a webhook is served, and a command that calls it. */
export async function describeWebhook(
  environment: string,
  origin: string,
  input: { flow: string; node: string },
): Promise<{ url: string; curl: string }> {
  const { document, node } = await findNode(environment, input.flow, input.node);
  const webhook = webhooksOf(document).find((each) => each.node === node.id);
  if (!webhook) throw refusal("BAD_REQUEST", "node-no-webhook", `“${node.id}” is not a webhook with a path.`);
  const url = `${origin}/in/${webhook.path}`;
  const { value } = exampleOf(node);
  const body =
    webhook.method === "GET" || value === null
      ? ""
      : ` -H 'content-type: application/json' -d '${value.replaceAll("'", "'\\''")}'`;
  return { url, curl: `curl -X ${webhook.method}${body} '${url}'` };
}

/** A node of the draft; `running`: of the version that runs, where one does, as workers send to that. */
async function findNode(
  environment: string,
  flowName: string,
  nodeId: string,
  of: "draft" | "running" = "draft",
): Promise<{ document: FlowDocument; node: FlowNode }> {
  const { prisma } = database();
  const { id, draft, deployment } = await findFlow(prisma, environment, flowName);
  const running = of === "running" && deployment?.desired === "running" ? deployment.version : null;
  const document = running === null ? readStored(draft) : await findVersionDocument(prisma, id, running);
  const node = document?.nodes.find((each) => each.id === nodeId);
  if (document && node) return { document, node };
  const names = document?.nodes.map((each) => each.id).join(", ") || "none";
  throw refusal("NOT_FOUND", "node-missing", `“${flowName}” has no node “${nodeId}”. It has ${names}.`);
}

/** A broker that is away is no reason to show nothing: then the example does. */
async function readNewest(environment: string, connection: string, place: string): Promise<PlainMessage | null> {
  const question = { connection: { name: connection }, place, limit: 1, maxBytes: 65_536 };
  const answer = await askWorker(environment, "messages-newest", question).catch(() => null);
  const newest = answer?.ok ? answer.answer.messages[0] : undefined;
  // A cut message would be sent back broken.
  if (!newest || newest.truncated) return null;
  const { key, headers, value, encoding } = newest;
  return { key, headers, value, encoding };
}

async function readTraced(environment: string, input: { flow: string; node: string }): Promise<PlainMessage | null> {
  const [newest] = await listNodeMessages(environment, { ...input, limit: 1 });
  if (!newest) return null;
  const value = newest.in ?? newest.out[0]?.value ?? null;
  return value === null ? null : { key: newest.key, headers: [], value, encoding: "text" };
}

function exampleOf(node: FlowNode): PlainMessage {
  const input = configureNode(node).kind?.example.input;
  return {
    key: input?.key ?? null,
    headers: Object.entries(input?.headers ?? {}),
    value: JSON.stringify(input?.body ?? {}, null, 2),
    encoding: "text",
  };
}
