import "server-only";
import { defaultProject } from "@/flow/control";
import type { TokenScope } from "./context";
import { database } from "./database";
import { refusal } from "./refusal";

/** How the input of a procedure names the one flow that it is about; undefined when it names none, or more may be touched. */
type Naming = (input: Record<string, unknown>) => unknown;

const byFlow: Naming = ({ flow }) => flow;
const byName: Naming = ({ name }) => name;
/** Rows chosen by their ids may be of any flow. */
const byFlowAlone: Naming = ({ flow, ids }) => (ids === undefined ? flow : undefined);
/** A document that is not saved may call whatever it likes. */
const byDraft: Naming = ({ flow, document }) => (document === undefined ? flow : undefined);

/** What a token that is limited to flows may ask. What is not here it may not. */
const ofOneFlow: Readonly<Record<string, Naming>> = {
  "flows.get": byName,
  "flows.save": byName,
  "flows.remove": byName,
  "flows.impact": byName,
  "flows.push": ({ document }) => (document as { name?: unknown } | null | undefined)?.name,
  ...ofRouter("versions", ["list", "get", "name"], byFlow),
  ...ofRouter(
    "deployments",
    ["deploy", "start", "stop", "rollback", "status", "waiting", "guarantee", "history", "nodeHistory"],
    byFlow,
  ),
  "deployments.sagaImpact": byFlow,
  ...ofRouter("recordings", ["list", "start"], byFlow),
  ...ofRouter("runs", ["list", "ofNode"], byFlow),
  ...ofRouter("deadLetters", ["list", "groups", "counts", "forwards", "export"], byFlow),
  ...ofRouter("deadLetters", ["redrive", "preview", "discard"], byFlowAlone),
  "redrives.list": byFlow,
  ...ofRouter("parked", ["list", "groups"], byFlow),
  ...ofRouter("parked", ["tryNow", "giveUp"], byFlowAlone),
  ...ofRouter("sagas", ["list", "counts"], byFlow),
  ...ofRouter("messages", ["sample", "send", "sendAll", "webhookAddress"], byFlow),
  ...ofRouter("trials", ["try", "runCases", "capture"], byDraft),
};

function ofRouter(router: string, names: string[], naming: Naming): Record<string, Naming> {
  return Object.fromEntries(names.map((name) => [`${router}.${name}`, naming]));
}

/** What names nothing of a flow: who one is, which workers live. */
const ofNoFlow: ReadonlySet<string> = new Set(["flows.check", "health.workers"]);

/** @throws TRPCError that names what the token lacks */
export async function refuseOutOfScope(
  scope: TokenScope,
  asked: { path: string; type: string; readInput(): Promise<unknown> },
): Promise<void> {
  if (scope.readOnly && asked.type === "mutation") {
    throw refusal(
      "FORBIDDEN",
      "token-read-only",
      `The token “${scope.name}” only reads; ${asked.path} changes something. Use a token that may change things.`,
    );
  }
  if (scope.flowIds.length === 0 || ofNoFlow.has(asked.path)) return;
  const { prisma } = database();
  const input = await asked.readInput();
  const named = typeof input === "object" && input !== null ? ofOneFlow[asked.path]?.({ ...input }) : undefined;
  if (typeof named === "string") {
    const where = { project_name: { project: defaultProject, name: named } };
    const flow = await prisma.flow.findUnique({ where, select: { id: true } });
    if (flow && scope.flowIds.includes(flow.id)) return;
  }
  const flows = await prisma.flow.findMany({
    where: { id: { in: scope.flowIds } },
    select: { name: true },
    orderBy: { name: "asc" },
  });
  const reach = flows.length > 0 ? `the flows ${flows.map(({ name }) => name).join(", ")}` : "flows that are gone";
  const what =
    typeof named === "string"
      ? `“${named}” is not one of them`
      : asked.path in ofOneFlow
        ? `${asked.path} must name one of them`
        : `${asked.path} reaches beyond them`;
  throw refusal(
    "FORBIDDEN",
    "token-out-of-scope",
    `The token “${scope.name}” is limited to ${reach}; ${what}. Use a token without this limit.`,
  );
}
