import "server-only";
import { checkFlow } from "@/flow/check";
import type { FlowDocument } from "@/flow/document";
import { parseFlow } from "@/flow/parse";
import type { Problem } from "@/flow/problems";
import { semanticsOf } from "@/flow/semantics";
import { explainNoWorker } from "@/flow/workers";
import { database } from "../database";
import { webhooksOf } from "../flow-places";
import type { CheckResult } from "../views";
import { askWorker, findLivingWorkers } from "../worker-client";
import { listConnections } from "./connections";
import { lookUpBrokers } from "./look-up-brokers";
import { findServedWebhooks } from "./webhooks";

/** All that keeps a drawing from running, and what weakens it: the file, the graph, its connections, and what the brokers have. */
export async function checkDocument(environment: string, file: unknown): Promise<CheckResult> {
  const { flow, problems } = parseFlow(file);
  if (!flow) return { problems, semantics: null, facts: {}, brokersUnchecked: true };
  const [connections, workers] = await Promise.all([listConnections(environment), findLivingWorkers(environment)]);
  const missing = explainNoWorker(
    flow.settings?.workers ?? null,
    workers.map(({ label }) => label),
  );
  const { places, facts, unchecked } = await lookUpBrokers(environment, flow, connections);
  return {
    problems: [
      ...checkFlow(flow, { connections, places }),
      // That nothing runs at all is no matter of this flow: it is said above every page.
      ...(missing?.code === "worker-label-missing" ? [missing] : []),
    ],
    semantics: semanticsOf(flow, { facts }),
    facts,
    brokersUnchecked: unchecked,
  };
}

/** Makes the places that the problems offer to create. Gives back the problems that are left. */
export async function createMissingPlaces(environment: string, problems: readonly Problem[]): Promise<Problem[]> {
  const left: Problem[] = [];
  const failures = new Map<string, string | null>();
  for (const problem of problems) {
    if (problem.fix?.do !== "create-place") {
      left.push(problem);
      continue;
    }
    const { connection, type, name, options = {} } = problem.fix;
    const key = `${connection}\n${type}\n${name}`;
    if (!failures.has(key)) {
      const question = { connection: { name: connection }, type, name, options };
      const answer = await askWorker(environment, "place-create", question);
      failures.set(key, answer.ok ? null : answer.cause.message);
    }
    const failure = failures.get(key);
    if (failure) left.push({ ...problem, message: `The ${type} \`${name}\` could not be created: ${failure}` });
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
