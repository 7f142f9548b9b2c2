import { type PlainMessage, plainMessageSchema } from "../../flow/control";
import type { Command } from "../command";
import { CommandFailure } from "../failure";
import { formatNumberOf } from "../table";

export const send: Command = {
  usage: "send NAME NODE FILE",
  summary: "Send messages to a source: a body, or an events file",
  needs: 3,
  async run(input) {
    const [flow, node, path] = input.args as [string, string, string];
    const messages = readMessages(await input.readFile(path), path);
    const sent: { lane: string; position: string }[] = [];
    for (const message of messages) {
      try {
        sent.push(await input.client.messages.send.mutate({ flow, node, message }));
      } catch (error) {
        if (sent.length > 0)
          input.say(`${formatNumberOf(sent.length, "message")} of ${messages.length} went out before this error.`);
        throw error;
      }
    }
    const last = sent.at(-1);
    return {
      data: { sent: sent.length, positions: sent },
      text: `Sent ${formatNumberOf(sent.length, "message")}${last ? `, the last to ${last.lane}:${last.position}` : ""}.`,
    };
  },
};

const messageFields = new Set(["key", "headers", "value", "body", "encoding"]);

/**
 * The messages of a file. JSON: a list is several, each a body or a message; anything else is one. A message is a map with a `value` (text)
 * or a `body` (JSON) and nothing but `key`, `headers` and `encoding` beside it. What is not JSON is one body of text.
 */
export function readMessages(text: string, path: string): PlainMessage[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    if (/\.json$/.test(path)) throw new CommandFailure(`${path} is not JSON.`, { code: "file-not-json" });
    return [plainMessageSchema.parse({ value: text })];
  }
  if (!Array.isArray(document)) return [readMessage(document, text, path)];
  if (document.length === 0) throw new CommandFailure(`${path} is an empty list: there is nothing to send.`);
  return document.map((item, index) => readMessage(item, JSON.stringify(item), `${path}, number ${index + 1}`));
}

function readMessage(item: unknown, text: string, place: string): PlainMessage {
  if (!isMessage(item)) return plainMessageSchema.parse({ value: text.trim() });
  const { body, headers, value, ...rest } = item;
  const parsed = plainMessageSchema.safeParse({
    ...rest,
    headers:
      headers !== null && typeof headers === "object" && !Array.isArray(headers) ? Object.entries(headers) : headers,
    value:
      "body" in item
        ? body === null
          ? null
          : JSON.stringify(body)
        : typeof value === "string" || value === null
          ? value
          : JSON.stringify(value),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CommandFailure(`${place}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not a message"}.`, {
    code: "file-field-invalid",
  });
}

function isMessage(item: unknown): item is Record<string, unknown> {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return false;
  return ("value" in item || "body" in item) && Object.keys(item).every((name) => messageFields.has(name));
}
