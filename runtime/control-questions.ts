import type { Behaviour, WebhookRequest } from "../flow/behaviour";
import { configureNode } from "../flow/configure";
import { findPlaceKind } from "../flow/connection-catalog";
import type { Answer, Answers, PlainMessage, Question, QuestionName } from "../flow/control";
import type { FlowDocument, FlowNode } from "../flow/document";
import { readIssues } from "../flow/issues";
import type { NodeSemantics } from "../flow/kind";
import { parseFlow } from "../flow/parse";
import { keepHeader } from "../flow/trace-context";
import type { Cause } from "../flow/verdict";
import type { Connections } from "./connections";
import type { HeldStores } from "./holding/held-stores";
import type { Log } from "./log";
import { actOnSagas } from "./saga-acts";
import type { DesiredState } from "./stores/desired-state";
import type { Supervisor } from "./supervisor";
import { type Transport, TransportError } from "./transport";
import { answerCases, answerTry } from "./trial/answer-trial";

export interface QuestionHouse {
  readonly connections: Connections;
  readonly supervisor: Supervisor;
  readonly desired: DesiredState;
  readonly held: HeldStores;
  readonly environment: string;
  readonly log: Log;
  behaviourOf(kind: string): Behaviour | undefined;
}

type Handlers = {
  readonly [Name in QuestionName]: (house: QuestionHouse, question: Question<Name>) => Promise<Answers[Name]>;
};

/** Answers one question. What a broker refuses is an answer too: a cause for a person. */
export async function answerQuestion<Name extends QuestionName>(
  house: QuestionHouse,
  name: Name,
  question: Question<Name>,
): Promise<Answer<Name>> {
  try {
    // A connection that was saved a moment ago is to be there.
    house.connections.update(await house.desired.connections());
    return { ok: true, answer: await handlers[name](house, question) };
  } catch (error) {
    if (error instanceof TransportError) return { ok: false, cause: error.reason };
    throw error;
  }
}

const handlers: Handlers = {
  async "connection-test"({ connections }, { connection }) {
    const startedAt = performance.now();
    const took = () => Math.round(performance.now() - startedAt);
    try {
      const reached = await connections.use(connection, (transport) => transport.test());
      return { ok: true, reached, tookMs: took() };
    } catch (error) {
      if (error instanceof TransportError) return { ok: false, cause: error.reason, tookMs: took() };
      throw error;
    }
  },
  "connection-places": ({ connections }, { connection, prefix, limit }) =>
    connections.use(connection, (transport) => transport.places(prefix, limit)),
  "connection-describe": ({ connections }, { connection, places }) =>
    connections.use(connection, async (transport) => {
      const [found, server] = await Promise.all([transport.describe(places), transport.keeping?.()]);
      return { places: found, ...(server === undefined ? {} : { server }) };
    }),
  "source-waiting": ({ connections }, { connection, place, type, group }) =>
    connections.use(connection, async (transport) => {
      if (transport.waiting) return { messages: await transport.waiting(place, group) };
      // What is in a queue waits there, for whoever reads it.
      const [found] = type === "queue" ? await transport.describe([place]) : [];
      return { messages: found?.messages ?? null };
    }),
  "place-create": ({ connections }, { connection, type, name, options }) =>
    connections.use(connection, (transport) => {
      const place = findPlaceKind(transport.kind, type);
      if (!place?.create || !transport.createPlace) {
        throw fail("connection-wrong-kind", `A connection of the kind ${transport.kind} makes no ${type} from here.`);
      }
      const chosen = place.create.safeParse(options);
      if (!chosen.success) {
        const words = readIssues(chosen.error, options).map((issue) => `\`${issue.path.join(".")}\` ${issue.words}`);
        throw fail("config-field-invalid", `The ${type} cannot be made so: ${words.join("; ")}.`);
      }
      return transport.createPlace(type, name, chosen.data);
    }),
  "messages-newest": ({ connections }, { connection, place, limit, maxBytes }) =>
    connections.use(connection, async (transport) => ({ messages: await transport.newest(place, limit, maxBytes) })),
  "message-send": sendMessage,
  "held-list": ({ held }, { connection, search }) => held.follow(() => connection).list(search),
  "held-read": async ({ held }, { connection, ids }) => {
    const rows = await held.follow(() => connection).read(ids);
    const there = rows.filter((row) => row !== null);
    return {
      rows: there.map(({ content, awaits: _, ...row }) => ({
        ...row,
        content: Buffer.from(content).toString("base64"),
      })),
    };
  },
  "held-count": async ({ held }, { connection, ...scope }) => {
    return { counts: await held.follow(() => connection).count(scope) };
  },
  "saga-act": ({ supervisor }, { flowId, acts }) => {
    const keeper = supervisor.findByFlowId(flowId)?.holder?.keeper;
    if (!keeper) throw fail("flow-not-running", "This worker does not run the flow.");
    return actOnSagas(keeper, acts);
  },
  "message-try": answerTry,
  "cases-run": answerCases,
};

/** Sends as a person typed it: to the place that the source reads, or for a webhook into the flow that runs. Its run is kept in any case. */
async function sendMessage(house: QuestionHouse, { flow, node, message }: Question<"message-send">) {
  const document = house.supervisor.findByFlow(flow)?.document ?? (await readDraft(house.desired, flow));
  const found = document.nodes.find((each) => each.id === node);
  if (!found) throw fail("config-field-missing", `The flow "${flow}" has no node "${node}".`);
  const { config, place } = readSource(found);
  const kept: PlainMessage = {
    ...message,
    headers: [...message.headers.filter(([name]) => name !== keepHeader[0]), [...keepHeader]],
  };
  const { connection, name, type } = place ?? {};
  if (connection !== undefined && name !== undefined) {
    return house.connections.use({ name: connection }, (transport: Transport) => transport.send(name, kept, type));
  }
  if (typeof config.path === "string") return sendToWebhook(house.supervisor, config, kept);
  throw fail("body-invalid", `The node "${node}" takes no messages from outside.`);
}

async function sendToWebhook(supervisor: Supervisor, config: Record<string, unknown>, message: PlainMessage) {
  const request: WebhookRequest = {
    method: typeof config.method === "string" && config.method !== "ANY" ? config.method : "POST",
    path: String(config.path).replace(/^\/+/, ""),
    query: "",
    headers: message.headers,
    body:
      message.value === null
        ? new Uint8Array()
        : Buffer.from(message.value, message.encoding === "base64" ? "base64" : "utf8"),
  };
  const answer = supervisor.accept(request);
  if (!answer) throw fail("node-crashed", "The webhook is not served: deploy the flow first.");
  const { status, body } = await answer;
  if (status >= 400)
    throw fail("http-status", `The webhook answered ${status}: ${Buffer.from(body).toString("utf8", 0, 200)}`);
  return { lane: request.path, position: String(status) };
}

/** @throws TransportError for a node that is no source or whose config does not hold. */
function readSource(node: FlowNode): { config: Record<string, unknown>; place: NodeSemantics["place"] } {
  const { kind, config, problems } = configureNode(node);
  const [problem] = problems;
  if (problem) throw new TransportError({ code: problem.code, message: problem.message });
  if (kind?.role !== "source")
    throw fail("body-invalid", `The node "${node.id}" is no source: messages are sent to sources.`);
  return { config: config as Record<string, unknown>, place: kind.semantics(config).place };
}

async function readDraft(desired: DesiredState, flow: string): Promise<FlowDocument> {
  const { flow: document } = parseFlow(await desired.draft(flow));
  if (!document) throw fail("file-format", `There is no flow "${flow}" that can be read.`);
  return document;
}

function fail(code: string, message: string): TransportError {
  return new TransportError({ code, message } satisfies Cause);
}
