import type {
  OpenSource,
  Outcome,
  SourceBehaviour,
  SourceContext,
  SourceHandlers,
  WebhookAnswer,
  WebhookRequest,
} from "../behaviour";
import { type Codec, CodecError } from "../codec";
import { codecOf } from "../codecs";
import { type Header, Message } from "../message";
import type { Answer, ReplyEnd } from "../request-reply";
import { encodeUtf8 } from "../utf8";
import type { WebhookConfig } from "./webhook-source";

/** Requests that may wait for room in the flow; those beyond are told to come back. */
const maxWaiting = 1000;
/** Never become headers of a message: what signs the caller in, and what belongs to this one hop. */
const droppedHeaders = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
]);

/** Who waits for an answer. */
interface Caller {
  /** What a node of the flow answers; it is told when the message is safe. */
  answer?: Answer;
  tell(answer: WebhookAnswer): void;
}

/** Methods whose requests usually have no body: without one they carry a tombstone. */
const bodiless = new Set(["GET", "DELETE"]);

export const webhookSourceBehaviour: SourceBehaviour<WebhookConfig> = {
  role: "source",
  settles: "individual",
  identity: (config) => JSON.stringify(config),
  open: async (config, context, handlers) => new Webhook(config, context, handlers),
};

class Webhook implements OpenSource {
  readonly #codec: Codec;
  readonly #epoch: number;
  readonly #lane: string;
  readonly #callers = new Map<string, Caller>();
  #waiting: Message[] = [];
  #handingOver = false;
  #stopped = false;

  constructor(
    readonly config: WebhookConfig,
    readonly context: SourceContext,
    readonly handlers: SourceHandlers,
  ) {
    this.#codec = codecOf(config.codec);
    this.#lane = config.path;
    this.#epoch = context.now();
    handlers.assigned(this.#lane, this.#epoch);
    handlers.state({ is: "running" });
  }

  accept(request: WebhookRequest): Promise<WebhookAnswer> | undefined {
    if (request.method !== this.config.method || trimSlashes(request.path) !== this.config.path) return undefined;
    if (this.#stopped) return Promise.resolve(unavailable("stopping", "The flow is stopping. Send it again."));
    if (this.#waiting.length >= maxWaiting)
      return Promise.resolve(unavailable("busy", "The flow is behind. Send it again in a while."));
    const value = request.body.length === 0 && bodiless.has(request.method) ? null : request.body;
    const id = crypto.randomUUID();
    const message = new Message({
      key: null,
      value,
      headers: readHeaders(request),
      codec: this.#codec,
      meta: { source: this.context.node, lane: this.#lane, position: id, timestamp: this.context.now(), attempt: 1 },
    });
    try {
      // Reading the body decodes it, and the message keeps what was decoded.
      void message.body;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return Promise.resolve(answerJson(400, { accepted: false, code: error.code, message: error.message }));
    }
    return this.#answerWhenSafe(id, message);
  }

  settle(lane: string, epoch: number, position: string, outcome: Outcome): void {
    if (lane !== this.#lane || epoch !== this.#epoch) return;
    const answer = this.#callers.get(position)?.answer;
    const safe = { accepted: true, id: position };
    if (answer) this.#tell(position, toHttp(answer));
    else if (outcome !== "dead") this.#tell(position, answerJson(202, safe));
    else if (!this.context.responds()) this.#tell(position, answerJson(202, { ...safe, deadLetter: true }));
    else {
      const message = "The flow failed on the message and could not answer. The dead letters keep it for a person.";
      this.#tell(position, answerJson(504, { ...safe, deadLetter: true, code: "no-answer", message }));
    }
  }

  async reply({ meta }: Message, answer: Answer): Promise<ReplyEnd> {
    const caller = this.#callers.get(meta.position);
    if (!caller) return { is: "gone" };
    if (caller.answer) return { is: "before" };
    caller.answer = answer;
    return { is: "answered" };
  }

  release(_lane: string, _epoch: number, position: string): void {
    this.#tell(position, unavailable("stopping", "The flow is stopping. Send it again."));
  }

  async progress() {
    return [{ lane: this.#lane, lag: this.#waiting.length, position: null }];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting = [];
    for (const position of [...this.#callers.keys()]) this.release(this.#lane, this.#epoch, position);
  }

  #answerWhenSafe(id: string, message: Message): Promise<WebhookAnswer> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        // What still waits for room is taken back; what is on its way may yet be written.
        this.#waiting = this.#waiting.filter((each) => each !== message);
        this.#tell(id, this.context.responds() ? lateAnswer : notSafe);
      }, this.config.timeoutMs);
      const tell = (answer: WebhookAnswer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#callers.set(id, { tell });
      this.#waiting.push(message);
      void this.#handOver();
    });
  }

  #tell(position: string, answer: WebhookAnswer): void {
    this.#callers.get(position)?.tell(answer);
    this.#callers.delete(position);
  }

  /** One `deliver` at a time, with all that came in the meantime: a full flow holds the requests here. */
  async #handOver(): Promise<void> {
    if (this.#handingOver) return;
    this.#handingOver = true;
    while (this.#waiting.length > 0) {
      const messages = this.#waiting;
      this.#waiting = [];
      await this.handlers.deliver(this.#lane, this.#epoch, messages);
    }
    this.#handingOver = false;
  }
}

function readHeaders(request: WebhookRequest): Header[] {
  const headers: Header[] = [];
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (!droppedHeaders.has(lower)) headers.push([lower, encodeUtf8(value)]);
  }
  const query = request.query.replace(/^\?/, "");
  if (query !== "") headers.push(["webhook-query", encodeUtf8(query)]);
  return headers;
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

function unavailable(code: string, message: string): WebhookAnswer {
  const answer = answerJson(503, { accepted: false, code, message });
  return { ...answer, headers: { ...answer.headers, "retry-after": "1" } };
}

/** Said where nothing in the flow answers: whoever sends again may add to what is there. */
const notSafe = unavailable(
  "not-safe-in-time",
  "The message was not safe in time. It may still be worked; send it again.",
);
const lateAnswer = answerJson(504, {
  accepted: false,
  code: "no-answer",
  message: "The flow did not answer in time. The message may still be worked.",
});

function toHttp({ status, headers, body }: Answer): WebhookAnswer {
  return { status, headers, body: body ?? "" };
}

function answerJson(status: number, body: Record<string, unknown>): WebhookAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
