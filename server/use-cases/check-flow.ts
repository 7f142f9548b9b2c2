import "server-only";
import { checkFlow, listPlaces } from "@/flow/check";
import type { FlowDocument } from "@/flow/document";
import { parseFlow } from "@/flow/parse";
import type { Problem } from "@/flow/problems";
import { semanticsOf } from "@/flow/semantics";
import { database } from "../database";
import { webhooksOf } from "../flow-places";
import type { CheckResult } from "../views";
import { askWorker, findLivingWorkers } from "../worker-client";
import { listConnections } from "./connections";
import { findServedWebhooks } from "./webhooks";

/** A broker that takes longer counts as away: nobody waits for it to deploy. */
const brokerTimeoutMs = 4_000;

/** All that keeps a drawing from running, and what weakens it: the file, the graph, its connections, and what the brokers have. */
export async function checkDocument(environment: string, file: unknown): Promise<CheckResult> {
  const { flow, problems } = parseFlow(file);
  if (!flow) return { problems, semantics: null, brokersUnchecked: true };
  const connections = await listConnections(environment);
  const { places, unchecked } = await lookUpTopics(environment, flow, connections);
  return {
    problems: checkFlow(flow, { connections, places }),
    semantics: semanticsOf(flow),
    brokersUnchecked: unchecked,
  };
}

type Places = Record<string, string[] | "unreachable">;

/** Asks a worker which of the topics that the drawing names exist, by connection. */
async function lookUpTopics(
  environment: string,
  flow: FlowDocument,
  connections: readonly { name: string; kind: string }[],
): Promise<{ places: Places; unchecked: boolean }> {
  const topics = listPlaces(flow).filter((place) => place.type === "topic");
  const kafkas = connections.filter(
    ({ name, kind }) => kind === "kafka" && topics.some((each) => each.connection === name),
  );
  if (kafkas.length === 0) return { places: {}, unchecked: false };
  if ((await findLivingWorkers(environment)).length === 0) return { places: {}, unchecked: true };
  const places: Places = {};
  const answers = await Promise.all(
    kafkas.map(async ({ name }) => {
      const names = new Set(topics.filter((topic) => topic.connection === name).map((topic) => topic.name));
      const question = { connection: { name }, places: [...names].slice(0, 200) };
      const answer = await askWorker(environment, "connection-describe", question, brokerTimeoutMs).catch(() => null);
      if (answer === null) return false;
      places[name] = answer.ok ? answer.answer.places.map((place) => place.name) : "unreachable";
      return answer.ok;
    }),
  );
  return { places, unchecked: answers.includes(false) };
}

/** Makes the topics that the problems offer to create. Gives back the problems that are left. */
export async function createMissingTopics(environment: string, problems: readonly Problem[]): Promise<Problem[]> {
  const left: Problem[] = [];
  const failures = new Map<string, string | null>();
  for (const problem of problems) {
    if (problem.fix?.do !== "create-topic") {
      left.push(problem);
      continue;
    }
    const { connection, topic, partitions } = problem.fix;
    const key = `${connection}\n${topic}`;
    if (!failures.has(key)) {
      const question = { connection: { name: connection }, topic, partitions };
      const answer = await askWorker(environment, "topic-create", question);
      failures.set(key, answer.ok ? null : answer.cause.message);
    }
    const failure = failures.get(key);
    if (failure) left.push({ ...problem, message: `The topic \`${topic}\` could not be created: ${failure}` });
  }
  return left;
}

/** Webhooks that another running flow serves already, as problems. */
export async function checkWebhooks(environment: string, flowId: string, flow: FlowDocument): Promise<Problem[]> {
  const own = webhooksOf(flow);
  if (own.length === 0) return [];
  const served = await findServedWebhooks(database().prisma, environment);
  return own.flatMap(({ node, method, path }): Problem[] => {
    const other = served.find((each) => each.flowId !== flowId && each.path === path && each.method === method);
    if (!other) return [];
    const message = `${method} /in/${path} is served by the flow \`${other.flow}\` already. Choose another path, or stop that flow.`;
    return [{ code: "path-duplicate", severity: "error", message, node, field: "path" }];
  });
}
