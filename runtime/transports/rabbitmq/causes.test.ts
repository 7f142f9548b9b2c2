import { expect, it } from "vitest";
import { causeOf, readSizeLimit } from "./causes";

const where = { shown: "mq:5672", vhost: "/", username: "guest" };
const error = (code: string, message: string, name = "AMQPChannelError") =>
  Object.assign(new Error(message), { code, name });

it.each([
  ["broker-unreachable", "was refused", error("ECONNREFUSED", "connect ECONNREFUSED"), ""],
  ["broker-unreachable", "not known", error("ENOTFOUND", "getaddrinfo ENOTFOUND mq"), ""],
  ["broker-unreachable", "did not answer in time", new Error("timed out"), ""],
  ["broker-unreachable", "shut down", error("CONNECTION_FORCED", "broker forced connection closure"), ""],
  [
    "broker-unreachable",
    "certificate is not trusted",
    error("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"),
    "",
  ],
  [
    "broker-refused",
    "user guest or its password",
    error("ACCESS_REFUSED", "Login was refused", "AMQPConnectionError"),
    "queue q",
  ],
  [
    "broker-refused",
    "does not let the user guest use queue q",
    error("ACCESS_REFUSED", "access to queue 'q' refused"),
    "queue q",
  ],
  ["broker-refused", "no virtual host /", error("NOT_ALLOWED", "vhost / not found", "AMQPConnectionError"), ""],
  [
    "broker-refused",
    "Enable its plugin",
    error("COMMAND_INVALID", "unknown exchange type 'x-consistent-hash'"),
    "exchange x",
  ],
  ["queue-missing", "There is no queue q", error("NOT_FOUND", "no queue 'q' in vhost '/'"), "queue q"],
  ["exchange-missing", "There is no exchange x", error("NOT_FOUND", "no exchange 'x' in vhost '/'"), "exchange x"],
])("tells %s: %s", (code, words, thrown, place) => {
  expect(causeOf(thrown, where, place)).toMatchObject({ code, message: expect.stringContaining(words) });
});

it("names the argument that differs, what it is and what was asked for", () => {
  const words =
    "QueueDeclare: PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received the value 'quorum' of type 'longstr' but current is the value 'classic' of type 'longstr'";
  const { code, message } = causeOf(error("PRECONDITION_FAILED", words), where, "queue q");
  expect(code).toBe("declared-otherwise");
  expect(message).toContain("`x-queue-type` is classic, and the node asks for quorum");
  expect(message).toContain("switch *Declare* off");
});

it("says how an exchange is used as it is", () => {
  const words =
    "ExchangeDeclare: PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x' in vhost '/': received 'topic' but current is 'direct'";
  const { code, message } = causeOf(error("PRECONDITION_FAILED", words), where, "exchange x");
  expect(code).toBe("declared-otherwise");
  expect(message).toMatch(/`type` is direct, and the node asks for topic.*\*Exchange type\* → \*as it is\*/);
  expect(message).not.toContain("*Declare*");
});

it("reads the broker's limit of a message's size", () => {
  const words = "BasicPublish: PRECONDITION_FAILED - message size 300 is larger than configured max size 200";
  expect(readSizeLimit(error("PRECONDITION_FAILED", words))).toBe(200);
  expect(readSizeLimit(error("NOT_FOUND", "no exchange"))).toBeUndefined();
});
