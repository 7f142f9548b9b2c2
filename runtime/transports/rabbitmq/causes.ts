import type { ProblemCode } from "../../../flow/problems";
import type { Cause } from "../../../flow/verdict";
import { describeTlsFailure } from "../tls";
import type { RabbitAddress } from "./address";

type Where = Pick<RabbitAddress, "shown" | "vhost" | "username">;

/** What rabbitmq-client's errors carry; all optional, as anything may be thrown. */
function read(error: unknown): { code: string; message: string; isOfConnection?: boolean } {
  const { code, message, name, errors } = (error ?? {}) as Record<"code" | "message" | "name", unknown> & {
    readonly errors?: readonly unknown[];
  };
  // A host of several addresses that all refuse gives an AggregateError.
  if (code === undefined && Array.isArray(errors) && errors.length > 0) return read(errors[0]);
  return { code: String(code ?? ""), message: String(message ?? ""), isOfConnection: name === "AMQPConnectionError" };
}

/** Is the queue or exchange not there? */
export function isMissing(error: unknown): boolean {
  return read(error).code === "NOT_FOUND";
}

/** Does another connection have it for itself? */
export function isLocked(error: unknown): boolean {
  return read(error).code === "RESOURCE_LOCKED";
}

/** Can this not be done with a queue of its type? The connection is closed with it. */
export function isUnsupported(error: unknown): boolean {
  return read(error).code === "NOT_IMPLEMENTED";
}

/** Was it to be read by offset, and is a queue? */
export function isNoStream(error: unknown): boolean {
  return read(error).message.includes("invalid arg 'x-stream-offset'");
}

/** The most bytes that the broker takes in a message, when it refused one for its size. */
export function readSizeLimit(error: unknown): number | undefined {
  const found = /message size \d+ is larger than (?:configured )?max size (\d+)/i.exec(read(error).message);
  return found ? Number(found[1]) : undefined;
}

/** An error of the client as a cause in words, without credentials or data. `place`: what it is about, `queue orders`. */
export function causeOf(error: unknown, { shown, vhost, username }: Where, place = ""): Cause {
  const { code, message, isOfConnection } = read(error);
  const cause = (of: ProblemCode, words: string, detail?: string): Cause =>
    detail === undefined ? { code: of, message: words } : { code: of, message: words, detail };
  const detail = message.replace(/^[A-Z]\w+: /, "").slice(0, 300);
  switch (code) {
    case "NOT_FOUND":
      return cause(
        missing(place),
        `There is no ${place || "such place"} in the virtual host ${vhost} on ${shown}.`,
        detail,
      );
    case "PRECONDITION_FAILED":
      return cause("declared-otherwise", describeDifference(message, place, shown), detail);
    case "RESOURCE_LOCKED":
      return cause(
        "broker-refused",
        `${capital(place || "queue")} on ${shown} is exclusive to another connection.`,
        detail,
      );
    case "ACCESS_REFUSED":
      if (isOfConnection || place === "")
        return cause(
          "broker-refused",
          `RabbitMQ at ${shown} refused the user ${username} or its password. Set both right in the connection.`,
        );
      return cause(
        "broker-refused",
        `RabbitMQ at ${shown} does not let the user ${username} use ${place}. Give it the rights with \`rabbitmqctl set_permissions\`.`,
        detail,
      );
    case "NOT_ALLOWED":
      if (/vhost/i.test(message)) {
        const words = /not found/i.test(message)
          ? `RabbitMQ at ${shown} has no virtual host ${vhost}.`
          : `RabbitMQ at ${shown} does not let the user ${username} into the virtual host ${vhost}.`;
        return cause("broker-refused", words);
      }
      return cause("broker-refused", `RabbitMQ at ${shown} does not allow it.`, detail);
    case "COMMAND_INVALID":
      if (/exchange type/i.test(message)) {
        const words = `RabbitMQ at ${shown} has no exchanges of the type that is asked for. Enable its plugin, such as \`rabbitmq-plugins enable rabbitmq_consistent_hash_exchange\`.`;
        return cause("broker-refused", words, detail);
      }
      return cause("broker-refused", `RabbitMQ at ${shown} refused.`, detail);
    case "CANCEL_FORCED":
      return cause(missing(place), `${capital(place || "queue")} on ${shown} was deleted, or its node went away.`);
    case "VERSION_MISMATCH":
      return cause("broker-refused", `What answers at ${shown} does not speak AMQP 0-9-1.`);
    case "NACK":
      return cause(
        "broker-refused",
        `RabbitMQ at ${shown} could not keep a message: a queue is full and rejects more (\`overflow\`), or has no majority of its nodes.`,
      );
  }
  const why = causeOfLoss(code, message) ?? "the connection broke.";
  return cause("broker-unreachable", `RabbitMQ at ${shown} cannot be reached: ${why}`);
}

function causeOfLoss(code: string, message: string): string | undefined {
  const text = `${code} ${message}`;
  if (/ECONNREFUSED/.test(text)) return "the connection was refused.";
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return "the host name is not known.";
  if (/CONNECTION_FORCED/.test(text)) return "it is being shut down, or closed the connection.";
  if (/TIMEOUT|timed? ?out/i.test(text)) return "it did not answer in time.";
  const ofTls = describeTlsFailure(text);
  if (ofTls !== undefined) return ofTls;
  if (/ECONNRESET|EPIPE|CONN_CLOSE|READ_END|socket|closed/i.test(text)) return "the connection broke.";
  return undefined;
}

/** RabbitMQ's own words: `inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received none but current is the value '10' of type 'signedint'`. */
function describeDifference(message: string, place: string, shown: string): string {
  const found = /inequivalent arg '([^']+)' for .*?: received (.+?) but current is (.+)$/.exec(message);
  if (!found)
    return `RabbitMQ at ${shown} refused${place ? ` ${place}` : ""}: ${message.replace(/^[A-Z]\w+: /, "").slice(0, 200)}`;
  const [, argument, asked, current] = found;
  const wayOut = place.startsWith("exchange")
    ? "Choose *Exchange type* → *as it is* to use it so."
    : "Give the node the same setting, or switch *Declare* off to use it as it is.";
  return `${capital(place || "queue")} on ${shown} was declared otherwise: \`${argument}\` is ${tidy(current!)}, and the node asks for ${tidy(asked!)}. Nothing was changed. ${wayOut}`;
}

/** `the value '10' of type 'signedint'` → `10`. */
function tidy(words: string): string {
  const value = /^the value '(.*?)' of type/.exec(words.trim());
  return value ? value[1]! : words.trim().replace(/^'|'$/g, "");
}

function missing(place: string): ProblemCode {
  return place.startsWith("exchange") ? "exchange-missing" : "queue-missing";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
