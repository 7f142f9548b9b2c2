import type { Trial } from "@/flow/trial";
import type { NodeMessage } from "@/server/views";
import type { Scope } from "../form/environment";

/** A message at a node, with what the node gave for it where that is known. */
export interface DataSample extends Scope {
  readonly out?: readonly { readonly port: string; readonly body: unknown }[];
  /** Why the node failed on it. */
  readonly error?: string;
}

type Meta = Readonly<Record<string, unknown>>;

interface SeenText {
  readonly key: string | null;
  readonly headers: readonly (readonly [string, string])[];
  readonly value: string | null;
  readonly encoding: "text" | "base64";
  readonly truncated?: boolean;
  /** Nothing came yet: it is the kind's example. */
  readonly isExample?: boolean;
}

/** Of traced messages: what came in; of a source, what it gave. */
export function samplesOfRuns(messages: readonly NodeMessage[], meta: Meta): DataSample[] {
  return messages
    .filter((message) => message.in !== null || message.out.some(({ value }) => value !== null))
    .map((message, index) => ({
      values: {
        body: readBody(message.in ?? message.out[0]!.value),
        key: message.key,
        headers: {},
        meta: { ...meta, timestamp: message.at.getTime() },
      },
      words: index === 0 ? "the newest message" : `message ${message.key ?? index + 1}`,
      out: message.out.map(({ port, value }) => ({ port, body: readBody(value) })),
      ...(message.error === null ? {} : { error: message.error }),
    }));
}

/** Of the last trial: each time the message, or a part of it, came by the node. */
export function samplesOfTrial(trial: Trial | null, node: string, meta: Meta): DataSample[] {
  const { steps = [], payloads = [] } = trial?.detail ?? {};
  return steps
    .filter((step) => step.node === node && !step.unkept)
    .flatMap((step) => {
      const input = payloads[step.in ?? step.out[0]?.payload ?? -1];
      if (!input) return [];
      const error = step.cause?.message;
      return {
        values: {
          body: bodyOf(input),
          key: input.key,
          headers: Object.fromEntries(input.headers),
          meta,
        },
        words: "the message tried",
        out: step.out.flatMap(({ port, payload }) => {
          const kept = payloads[payload ?? -1];
          return kept ? { port, body: bodyOf(kept) } : [];
        }),
        ...(error === undefined ? {} : { error }),
      };
    });
}

/** Of the place that the source reads. What was cut is left out: half a JSON is none. */
export function samplesOfPlace(messages: readonly SeenText[], meta: Meta, title: string): DataSample[] {
  return messages
    .filter(({ truncated }) => truncated !== true)
    .map((message, index) => ({
      values: { body: bodyOf(message), key: message.key, headers: Object.fromEntries(message.headers), meta },
      words: message.isExample
        ? `an example of ${title}`
        : index === 0
          ? `the newest message of ${title}`
          : `message ${message.key ?? index + 1} of ${title}`,
    }));
}

/** Of the kind's example; a generator needs no message: its body is made from `n` and its own functions. */
export function samplesOfExample(
  example: { readonly key?: string; readonly headers?: Record<string, string>; readonly body: unknown } | undefined,
  meta: Meta,
  isOrigin: boolean,
): DataSample[] {
  if (!example) return isOrigin ? [{ values: { meta }, words: "the first message" }] : [];
  const { body, key = null, headers = {} } = example;
  return [{ values: { body, key, headers, meta }, words: "an example" }];
}

function bodyOf({ value, encoding }: Pick<SeenText, "value" | "encoding">): unknown {
  return encoding === "text" ? readBody(value) : value;
}

/** JSON where it is JSON, else the text. */
export function readBody(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
