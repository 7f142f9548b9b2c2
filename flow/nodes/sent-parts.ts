import type { BatchContext, NodeContext } from "../behaviour";
import type { Codec } from "../codec";
import { codecOf } from "../codecs";
import { compileExpression } from "../expression";
import { keyBytes } from "../key-bytes";
import { type Header, type Message, setHeader } from "../message";
import { compileHeaders } from "./header-templates";
import { messageId } from "./message-id";

type Scope = Readonly<Record<string, unknown>>;

/** The key that a sink writes: what its expression gives, without one the message's own. @throws ExpressionError (from both). */
export function compileKey(source: string | undefined): (message: Message, scope: Scope) => Uint8Array | null {
  const key = source ? compileExpression(source) : undefined;
  return key ? (_message, scope) => keyBytes(key.evaluate(scope)) : (message) => message.key;
}

/** The headers that a sink writes: the message's with those of the config over them, and its id under `idHeader` where the config asks for it. */
export function compileSentHeaders(
  config: { readonly headers: Readonly<Record<string, string>>; readonly messageId: boolean },
  idHeader: string,
  context: NodeContext,
): (message: Message, scope: Scope, index: number, batch: BatchContext) => readonly Header[] {
  const addHeaders = compileHeaders(config.headers);
  return (message, scope, index, batch) => {
    const added = addHeaders(message.headers, scope);
    return config.messageId ? setHeader(added, idHeader, messageId(message, context, batch, index)) : added;
  };
}

/** The codec that a sink's config names; `undefined`: as each message came. */
export function sentCodec(name: string): Codec | undefined {
  return name === "as-it-came" ? undefined : codecOf(name);
}

/** The bytes of a message in a codec: as they are, unless it is another than the message's. @throws CodecError */
export function valueIn(codec: Codec | undefined, message: Message): Uint8Array | null {
  if (!codec || codec === message.codec) return message.value;
  const { body } = message;
  return body === null ? null : codec.encode(body);
}
