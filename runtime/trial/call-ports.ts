import type {
  ConnectionKindName,
  ConnectionPorts,
  HttpAnswer,
  HttpPort,
  HttpUnreachable,
} from "../../flow/connection-ports";
import { type BrokerRequest, makeAnswer, type RequestEnd, type RequestPort } from "../../flow/request-reply";
import type { GivenAnswer } from "../../flow/test-case";
import { readValue, writeValue } from "../../flow/test-message";
import type { TrialCalls } from "../../flow/trial";
import { rejected } from "../../flow/verdict";
import { toCause } from "../node-failure";
import type { Visits } from "./visits";

type Connection = <K extends keyof ConnectionPorts>(kind: K, name: string) => ConnectionPorts[K];
type AskingKind = Exclude<ConnectionKindName, "http">;

/** What nodes are answered with when nobody is called, each node's in their order; the last one serves all that come later. */
export class GivenAnswers {
  readonly #used = new Map<string, number>();

  constructor(readonly answers: Readonly<Record<string, readonly GivenAnswer[]>>) {}

  take(node: string): GivenAnswer | undefined {
    const answers = this.#of(node);
    const used = this.#used.get(node) ?? 0;
    this.#used.set(node, used + 1);
    return answers[Math.min(used, answers.length - 1)];
  }

  /** Is there one that was not taken yet? */
  hasMore(node: string): boolean {
    return (this.#used.get(node) ?? 0) < this.#of(node).length;
  }

  #of(node: string): readonly GivenAnswer[] {
    return Object.hasOwn(this.answers, node) ? this.answers[node]! : [];
  }
}

export interface CallOptions {
  readonly visits: Visits;
  readonly calls: TrialCalls;
  given(): GivenAnswers;
  /** The real port of a connection. @throws TransportError */
  readonly connection: Connection;
}

/** The port of an HTTP connection: calls in earnest and keeps the answer, or answers what is given. */
export function makeHttpPort(name: string, options: CallOptions): HttpPort {
  return {
    async request(request, signal): Promise<HttpAnswer | HttpUnreachable> {
      const to = `${request.method} ${request.url}`;
      if (options.calls === "given") {
        const answer = takeGiven(options, to);
        if (!answer) return { unreachable: noAnswer };
        if (answer.fails !== undefined) return { unreachable: { code: "http-unreachable", message: answer.fails } };
        return makeGivenAnswer(answer);
      }
      const port = openPort("http", name, options);
      if (!port) return { unreachable: noAnswer };
      options.visits.current.effect = { is: "called", to };
      const answer = await port.request(request, signal);
      options.visits.current.answer =
        "unreachable" in answer ? { fails: cut(answer.unreachable.message) } : keepAnswer(answer);
      return answer;
    },
  };
}

/** As `makeHttpPort`, for a request to a broker that is answered by a message. */
export function makeRequestPort(kind: AskingKind, name: string, options: CallOptions): RequestPort {
  return {
    async request(request: BrokerRequest, signal): Promise<RequestEnd> {
      const to = `${placeWords[kind]} ${request.to}`;
      if (options.calls === "given") {
        const answer = takeGiven(options, to);
        if (!answer) return rejected(noAnswer.code, noAnswer.message);
        return answer.fails === undefined ? { is: "answered", answer: makeGivenAnswer(answer) } : { is: "silent" };
      }
      const port = openPort(kind, name, options);
      if (!port) return rejected(noAnswer.code, noAnswer.message);
      options.visits.current.effect = { is: "called", to };
      const end = await port.request(request, signal);
      options.visits.current.answer =
        "verdict" in end
          ? { fails: cut(end.cause.message) }
          : end.is === "silent"
            ? { fails: "No answer came in time." }
            : keepAnswer(end.answer);
      return end;
    },
  };
}

const placeWords: Record<AskingKind, string> = {
  kafka: "topic",
  queue: "queue",
  rabbitmq: "queue",
  redis: "stream",
  pulsar: "topic",
};
/** Stands for what `Visit.failure` says. */
const noAnswer = { code: "no-answer-given", message: "No answer is given for this call." };

function takeGiven({ visits, given }: CallOptions, to: string): GivenAnswer | undefined {
  const visit = visits.current;
  const answer = given().take(visit.node);
  visit.effect = { is: "answered", to };
  if (answer) visit.answer = answer;
  else {
    delete visit.effect;
    const words = `No answer is given for the call of \`${visit.node}\` (${to}), and calls are not made. Add one to \`answers\`.`;
    visit.failure = rejected(noAnswer.code, words);
  }
  return answer;
}

/** A connection that cannot be used fails the message: what is tried is one message, and not whether the flow can run. */
function openPort<K extends "http" | AskingKind>(
  kind: K,
  name: string,
  { visits, connection }: CallOptions,
): ConnectionPorts[K] | undefined {
  try {
    return connection(kind, name);
  } catch (error) {
    const { code, message } = toCause(error);
    visits.current.failure = rejected(code, message);
    return undefined;
  }
}

function makeGivenAnswer({ status = 200, headers = [], ...value }: GivenAnswer): HttpAnswer {
  const texts = Object.fromEntries(headers.map(([name, text]) => [name.toLowerCase(), text]));
  return makeAnswer(status, texts, readValue(value));
}

/** Belong to one exchange, or are secret: of no use when the answer is given again. */
const dropped =
  /^(age|cf-.*|connection|content-(encoding|length)|date|keep-alive|set-cookie|transfer-encoding|x-request-id)$/;

function keepAnswer({ status, headers, body }: HttpAnswer): GivenAnswer {
  const kept = Object.entries(headers).filter(([name]) => !dropped.test(name));
  return {
    ...(status === 200 ? {} : { status }),
    ...(kept.length === 0 ? {} : { headers: kept.slice(0, 200) }),
    ...(body.length === 0 ? {} : writeValue(body)),
  };
}

function cut(text: string): string {
  return text.slice(0, 500);
}
