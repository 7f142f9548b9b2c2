import { jsonCodec } from "./codecs/json";
import type { MessagePath } from "./expression/reads";
import { parseMaskedPath } from "./masked";
import { type MaskedField, maskRoles } from "./recorded-fields";
import { encodeUtf8 } from "./utf8";

/** Stands in place of what a person does not see. */
export const maskText = "•••";
/** Stands in place of a body of which nothing can be shown. */
export const hiddenBody = `${maskText} The flow masks fields of its bodies. This one is cut or no JSON, so all of it is hidden.`;

/** A message as text, as far as masking looks at it. */
export interface MaskablePayload {
  key: string | null;
  headers: readonly (readonly [string, string])[];
  value: string | null;
  encoding: "text" | "base64";
  truncated?: boolean;
}

/**
 * Hides the masked fields of messages that belong together: of a run, a dead letter, a saga. What was learnt to be masked in one of them is
 * hidden wherever else it stands: under another name behind a mapping, in a key, in the words of an error. So learn all, then show.
 */
export class Mask {
  readonly #body: readonly MessagePath[];
  readonly #headers: ReadonlySet<string>;
  readonly #hidesKey: boolean;
  readonly #secrets = new Set<string>();
  #pattern: RegExp | null | undefined;
  /** Something could not be read, so anything may quote it. */
  #blind = false;

  constructor(readonly fields: readonly MaskedField[]) {
    // A path that cannot be read hides everything rather than nothing.
    const paths = fields.map(({ path }) => parseMaskedPath(path) ?? ["body"]);
    this.#body = paths.filter(([root]) => root === "body").map(([, ...rest]) => rest);
    this.#headers = new Set(paths.filter(([root]) => root === "headers").map(([, name]) => name!.toLowerCase()));
    this.#hidesKey = paths.some(([root]) => root === "key");
  }

  /** The fields, each place once, by the highest role that it takes. */
  get told(): MaskedField[] {
    const sorted = this.fields.toSorted((a, b) => maskRoles.indexOf(a.below) - maskRoles.indexOf(b.below));
    return [...new Map(sorted.map((field) => [field.path, field])).values()];
  }

  /** Remembers what of a message is masked. */
  learn({ key, headers, value, ...payload }: MaskablePayload): void {
    if (this.#hidesKey && key !== null) this.#keep(key);
    for (const [name, header] of headers) if (this.#headers.has(name.toLowerCase())) this.#keep(header);
    if (this.#body.length === 0 || value === null) return;
    const body = readBody(value, payload);
    if (body) this.learnBody(body.value);
    else this.#blind = true;
  }

  /** Remembers what of a decoded body is masked. */
  learnBody(body: unknown): void {
    for (const path of this.#body) collectAt(body, path, (secret) => this.#keep(secret));
  }

  /** The message with all that is masked hidden. */
  show<Payload extends MaskablePayload>(payload: Payload): Payload {
    const { value } = payload;
    return {
      ...payload,
      key: this.showKey(payload.key),
      headers: payload.headers.map(([name, header]) => [
        name,
        this.#headers.has(name.toLowerCase()) ? maskText : this.#replace(header),
      ]),
      ...(value === null ? {} : this.#showValue(value, payload)),
    };
  }

  showKey(key: string | null): string | null {
    if (key === null) return null;
    return this.#hidesKey ? maskText : this.#replace(key);
  }

  /** Words about the message: of an error, of a note. */
  showWords(words: string): string;
  showWords(words: string | null): string | null;
  showWords(words: string | null): string | null {
    if (words === null) return null;
    return this.#blind ? maskText : this.#replace(words);
  }

  /** Why something failed. */
  showCause<Of extends { readonly message: string; readonly detail?: string | undefined }>(cause: Of): Of {
    const { message, detail } = cause;
    return {
      ...cause,
      message: this.showWords(message),
      ...(detail === undefined ? {} : { detail: this.showWords(detail) }),
    };
  }

  /** A decoded body, with what is masked hidden. */
  showBody(body: unknown): unknown {
    return this.#walk(this.#body.reduce((shown, path) => hideAt(shown, path), body));
  }

  /** Any other value that was made of the message: every text in it, and every number. */
  showValues<Value>(value: Value): Value {
    return this.#walk(value) as Value;
  }

  #showValue(value: string, payload: Pick<MaskablePayload, "encoding" | "truncated">) {
    if (this.#body.length === 0) return payload.encoding === "base64" ? {} : { value: this.#replace(value) };
    const body = readBody(value, payload);
    if (!body)
      return { value: hiddenBody, encoding: "text" as const, ...(payload.truncated ? { truncated: false } : {}) };
    return { value: writeBody(this.showBody(body.value)) };
  }

  #keep(secret: string): void {
    if (secret === "" || secret === maskText) return;
    this.#secrets.add(secret);
    // As it stands inside of JSON that is quoted, and in an address.
    this.#secrets.add(JSON.stringify(secret).slice(1, -1));
    this.#secrets.add(encodeAddress(secret));
    this.#pattern = undefined;
  }

  #replace(text: string): string {
    if (this.#pattern === undefined) this.#pattern = makePattern(this.#secrets);
    return this.#pattern === null ? text : text.replace(this.#pattern, maskText);
  }

  #walk(value: unknown): unknown {
    if (typeof value === "string") return this.#replace(value);
    if (typeof value === "number" || typeof value === "bigint")
      return this.#secrets.has(String(value)) ? maskText : value;
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (typeof value !== "object" || value === null || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [this.#replace(name), this.#walk(field)]));
  }
}

/** Long ones wherever they stand; a short one, such as a country, only as a word of its own. */
const shortLength = 4;

function makePattern(secrets: ReadonlySet<string>): RegExp | null {
  if (secrets.size === 0) return null;
  const parts = [...secrets]
    .sort((a, b) => b.length - a.length)
    .map((secret) => {
      const text = secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return secret.length < shortLength ? `(?<![\\p{L}\\p{N}])${text}(?![\\p{L}\\p{N}])` : text;
    });
  return new RegExp(parts.join("|"), "gu");
}

function encodeAddress(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // Half of a character cannot be encoded; then it is in no address either.
    return text;
  }
}

function readBody(
  value: string,
  { encoding, truncated }: Pick<MaskablePayload, "encoding" | "truncated">,
): { value: unknown } | undefined {
  if (encoding !== "text" || truncated) return undefined;
  try {
    return { value: jsonCodec.decode(encodeUtf8(value)) };
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder();
const writeBody = (body: unknown) => utf8.decode(jsonCodec.encode(body));

/** Lists on the way are gone through. What stands in the way of a path is taken for what it leads to. */
function hideAt(value: unknown, [name, ...rest]: MessagePath): unknown {
  if (value === null || value === undefined) return value;
  if (name === undefined) return maskText;
  if (Array.isArray(value)) return value.map((item) => hideAt(item, [name, ...rest]));
  if (typeof value !== "object") return maskText;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, field === name ? hideAt(inner, rest) : inner]),
  );
}

function collectAt(value: unknown, path: MessagePath, keep: (secret: string) => void): void {
  const [name, ...rest] = path;
  if (Array.isArray(value)) for (const item of value) collectAt(item, path, keep);
  else if (typeof value !== "object" || value === null) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") keep(String(value));
  } else if (name === undefined) for (const inner of Object.values(value)) collectAt(inner, path, keep);
  else if (Object.hasOwn(value, name)) collectAt((value as Record<string, unknown>)[name], rest, keep);
}
