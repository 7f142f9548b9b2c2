import { jsonCodec } from "../../flow/codecs/json";
import { type PlainMessage, plainMessageSchema } from "../../flow/control";
import { encodeUtf8 } from "../../flow/utf8";
import type { SentMessages } from "../../server/views";
import type { Command } from "../command";
import { CommandFailure } from "../failure";
import { formatNumberOf } from "../table";

/** As many as one request takes, and as many characters as fit into it with room to spare. */
const most = { messages: 500, characters: 1_000_000 };

export const send: Command = {
  usage: "send NAME NODE FILE [--text]",
  summary: "Send messages to a source: a JSON body, a list, or JSON lines as the exports write them",
  needs: 3,
  options: { text: { type: "boolean" } },
  async run(input) {
    const [flow, node, path] = input.args as [string, string, string];
    const text = await input.readFile(path);
    const messages =
      input.options.text === true ? [plainMessageSchema.parse({ value: text })] : readMessages(text, path);
    const sent: SentMessages["sent"] = [];
    const tell = () =>
      sent.length > 0 &&
      input.say(`${formatNumberOf(sent.length, "message")} of ${messages.length} went out before this error.`);
    for (const part of splitMessages(messages)) {
      let answer: SentMessages;
      try {
        answer = await input.client.messages.sendAll.mutate({ flow, node, messages: part });
      } catch (error) {
        tell();
        throw error;
      }
      sent.push(...answer.sent);
      if (!answer.failure) continue;
      tell();
      throw new CommandFailure(answer.failure.message, { code: answer.failure.code });
    }
    const last = sent.at(-1);
    return {
      data: { sent: sent.length, positions: sent },
      text: `Sent ${formatNumberOf(sent.length, "message")}${last ? `, the last to ${last.lane} @ ${last.position}` : ""}.`,
    };
  },
};

/** Parts of a request's size, in order. */
function splitMessages(messages: readonly PlainMessage[]): PlainMessage[][] {
  const parts: PlainMessage[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const own = JSON.stringify(message).length;
    if (characters + own > most.characters || (parts.at(-1)?.length ?? 0) >= most.messages) {
      parts.push([]);
      characters = 0;
    }
    parts.at(-1)!.push(message);
    characters += own;
  }
  return parts;
}

const messageFields = new Set(["key", "headers", "value", "body", "text", "base64", "encoding"]);
const bodyFields = ["value", "body", "text", "base64"];
/** What a line of an export of dead letters has beside its message. */
const letterFields = ["id", "flow", "node", "cause", "source", "value", "headers"];

/**
 * The messages of a file. JSON: a list is several, anything else is one. JSON lines: one a line. Each is a body, a message (a map with a `body`,
 * a `value`, a `text` or a `base64` and nothing but `key`, `headers` and `encoding` beside it), or a dead letter as an export has it.
 * @throws CommandFailure that names the line for what is neither
 */
export function readMessages(text: string, path: string): PlainMessage[] {
  const source = text.replace(/^\ufeff/, "");
  const whole = readJson(source);
  if (whole === notJson) return readLines(source, path);
  if (!Array.isArray(whole)) return [readMessage(whole, source.trim(), path)];
  if (whole.length === 0) throw new CommandFailure(`${path} is an empty list: there is nothing to send.`);
  return whole.map((item, index) => readMessage(item, writeJson(item), `${path}, number ${index + 1}`));
}

function readLines(source: string, path: string): PlainMessage[] {
  const lines = source
    .split(/\r?\n/)
    .map((text, index) => ({ text: text.trim(), place: `${path}, line ${index + 1}` }));
  const messages = lines
    .filter(({ text }) => text !== "")
    .map(({ text, place }) => {
      const item = readJson(text);
      if (item !== notJson) return readMessage(item, text, place);
      throw new CommandFailure(
        `${place} is not JSON; nothing was sent. A file is one JSON document, or JSON lines: a message a line. --text sends it whole, as one text.`,
        { code: "file-not-json" },
      );
    });
  if (messages.length === 0) throw new CommandFailure(`${path} is empty: there is nothing to send.`);
  return messages;
}

const notJson = Symbol("not JSON");

/** Integers keep their digits. */
function readJson(text: string): unknown {
  try {
    return jsonCodec.decode(encodeUtf8(text));
  } catch {
    return notJson;
  }
}

const writeJson = (value: unknown) => new TextDecoder().decode(jsonCodec.encode(value));

function readMessage(item: unknown, text: string, place: string): PlainMessage {
  if (!isMap(item)) return plainMessageSchema.parse({ value: text });
  if (letterFields.every((name) => name in item)) return readLetter(item, place);
  if (!isMessage(item)) return plainMessageSchema.parse({ value: text });
  const { body, text: words, base64, headers, value, ...rest } = item;
  return parseMessage(
    {
      ...rest,
      ...(headers === undefined ? {} : { headers: isMap(headers) ? Object.entries(headers) : headers }),
      ...("base64" in item
        ? { value: base64, encoding: "base64" }
        : {
            value: "body" in item ? (body === null ? null : writeJson(body)) : readText("text" in item ? words : value),
          }),
    },
    place,
  );
}

/** Its message as it reached the node. */
function readLetter(
  { key, keyEncoding, headers, value, encoding }: Record<string, unknown>,
  place: string,
): PlainMessage {
  if (keyEncoding !== undefined)
    throw new CommandFailure(`${place}: its key is bytes that are no text, which cannot be sent from here.`, {
      code: "file-field-invalid",
    });
  return parseMessage({ key, headers, value, ...(encoding === undefined ? {} : { encoding }) }, place);
}

const readText = (value: unknown) => (typeof value === "string" || value === null ? value : writeJson(value));

function parseMessage(draft: Record<string, unknown>, place: string): PlainMessage {
  const parsed = plainMessageSchema.safeParse(draft);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CommandFailure(`${place}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not a message"}.`, {
    code: "file-field-invalid",
  });
}

function isMessage(item: Record<string, unknown>): boolean {
  return bodyFields.some((name) => name in item) && Object.keys(item).every((name) => messageFields.has(name));
}

function isMap(item: unknown): item is Record<string, unknown> {
  return item !== null && typeof item === "object" && !Array.isArray(item);
}
