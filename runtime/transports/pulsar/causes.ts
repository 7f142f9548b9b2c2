import type { ProblemCode } from "../../../flow/problems";
import type { Cause } from "../../../flow/verdict";
import type { Refusal } from "./seam";

/** A topic that is meant, for words: `persistent://public/default/orders`. */
export interface About {
  readonly address: string;
  readonly topic?: string;
}

const cut = (text: string) => text.replaceAll(/\s+/g, " ").trim().slice(0, 300);

/** What an HTTP answer says that refuses: of the admin API, or of an upgrade to a WebSocket. */
export function causeOfStatus(status: number, words: string, { address, topic }: About): Cause {
  const cause = (code: ProblemCode, message: string): Cause => {
    const detail = cut(words);
    return detail === "" ? { code, message } : { code, message, detail };
  };
  const on = topic === undefined ? "" : ` on ${topic}`;
  if (status === 401 && !/unauthori[sz]ed to/i.test(words)) {
    const message = `Pulsar at ${address} refused the token: it is missing, wrong, or over. Put a new one into the connection.`;
    return cause("broker-refused", message);
  }
  if (status === 401 || status === 403) {
    const message = `Pulsar at ${address} does not let the token's role do that${on}. Grant it consume and produce there, or use another token.`;
    return cause("broker-refused", message);
  }
  if (status === 404 && topic !== undefined) {
    const message = /namespace not found|tenant/i.test(words)
      ? `There is no namespace ${topic.replace(/^persistent:\/\//, "").replace(/\/[^/]*$/, "")} on Pulsar at ${address}. Make it, or name another before the topic.`
      : `The topic ${topic} does not exist on Pulsar at ${address}. Create it, or choose another.`;
    return cause("topic-missing", message);
  }
  if (status === 409 && /different type/i.test(words)) {
    const type = /type of '(\w+)'/i.exec(words)?.[1];
    const message = `The subscription${on} is in use with another type${type ? `, ${type}` : ""}: all its consumers need the same. Choose that type, or another subscription.`;
    return cause("broker-refused", message);
  }
  if (status === 409 && /exclusive|already connected|busy/i.test(words)) {
    const message = `The exclusive subscription${on} has its one consumer elsewhere. This one takes over when that leaves; choose failover to have it wait without an error.`;
    return cause("broker-refused", message);
  }
  if (status === 409 && /terminated/i.test(words)) {
    return cause("broker-refused", `The topic${topic ? ` ${topic}` : ""} is terminated: it takes no more messages.`);
  }
  if (status >= 500 || status === 408 || status === 429) {
    return cause("broker-unreachable", `Pulsar at ${address} cannot do that now${on} (HTTP ${status}).`);
  }
  return cause("broker-refused", `Pulsar at ${address} refused${on} (HTTP ${status}).`);
}

/** A connection that was not made or broke. */
export function causeOfError(error: unknown, { address }: About): Cause {
  return { code: "broker-unreachable", message: `Pulsar at ${address} cannot be reached: ${describe(error)}` };
}

function describe(error: unknown): string {
  const { message = "", code, cause } = (error ?? {}) as { message?: string; code?: string; cause?: unknown };
  const text = `${code ?? ""} ${message}`;
  if (/fetch failed/.test(message) && cause !== undefined) return describe(cause);
  if (text.includes("ECONNREFUSED")) return "the connection was refused.";
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return "the host name is not known.";
  if (/timed out|timeout/i.test(text)) return "it did not answer in time.";
  if (/ECONNRESET|EPIPE|socket hang up|closed|other side/i.test(text)) return "the connection broke.";
  if (/certificate|self.signed|CERT_/i.test(text)) return `its certificate is not accepted (${cut(message)}).`;
  return message === "" ? "no reason was given." : `${cut(message)}${message.endsWith(".") ? "" : "."}`;
}

/** What Pulsar answers to a message that it did not take. */
export function readRefusal(result: string, words: string, about: About): Refusal {
  const topic = about.topic ?? "the topic";
  const refusal = (of: Refusal["of"], code: ProblemCode, message: string): Refusal => ({
    of,
    cause: { code, message, detail: cut(`${result} ${words}`) },
  });
  const size = /exceeds (?:max allowed size )?(\d+)? ?bytes?|exceeds/i.exec(words);
  if (/InvalidMessage|MessageTooLarge|larger than|exceeds/i.test(words)) {
    const limit = size?.[1] ? `${size[1]} bytes` : "its limit";
    const message = `The message is larger than ${topic} takes (${limit}, with key and properties). Raise maxMessageSize of the brokers, or make it smaller.`;
    return refusal("message", "message-too-large", message);
  }
  if (/TopicTerminated|was already terminated/i.test(words)) {
    return refusal(
      "broker",
      "broker-refused",
      `${topic} is terminated: it takes no more messages. Choose another topic.`,
    );
  }
  if (/Quota|backlog/i.test(words)) {
    const message = `${topic} takes nothing more until its backlog is read: the quota of its namespace is reached.`;
    return refusal("broker", "broker-refused", message);
  }
  if (
    /Fenced|NotConnected|AlreadyClosed|TimeOut|Timeout|Memory|QueueIsFull|Connection|ServiceUnit|Metadata/i.test(words)
  ) {
    return refusal("broker", "broker-unreachable", `${topic} did not take the message now; it is sent again.`);
  }
  return refusal("broker", "broker-refused", `${topic} did not take the message: ${cut(words).slice(0, 200)}`);
}
