import "server-only";
import { findKind } from "@/flow/catalog";
import { configureNode } from "@/flow/configure";
import type { Answers, PlainMessage } from "@/flow/control";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { listPlaces } from "@/flow/flow-places";
import { explainNoWorker } from "@/flow/workers";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { webhooksOf } from "../flow-places";
import { refusal } from "../refusal";
import { askOneOf, askWorker, chooseRunners, findLivingWorkers, type LivingWorker, takeAnswer } from "../worker-client";
import { findFlow, readStored } from "./find-flow";
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

/** Sends a message to a source's broker, or into the running flow for a webhook. */
export async function sendMessage(
  actor: Actor,
  input: { flow: string; node: string; message: PlainMessage },
): Promise<Answers["message-send"]> {
  const { document } = await findNode(actor.environment, input.flow, input.node);
  const intoFlow = webhooksOf(document).some((webhook) => webhook.node === input.node);
  const answer = takeAnswer(
    await askOneOf(await findSenders(actor.environment, input.flow, intoFlow), "message-send", input),
  );
  await recordAudit(database().prisma, actor, "message.send", `${input.flow}/${input.node}`, { ...answer });
  return answer;
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

async function findNode(
  environment: string,
  flowName: string,
  nodeId: string,
): Promise<{ document: FlowDocument; node: FlowNode }> {
  const flow = await findFlow(database().prisma, environment, flowName);
  const document = readStored(flow.draft);
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
