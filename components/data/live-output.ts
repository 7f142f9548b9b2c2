import type { NodeContext, StepBehaviour } from "@/flow/behaviour";
import { findKind } from "@/flow/catalog";
import { jsonCodec } from "@/flow/codecs/json";
import { configureNode } from "@/flow/configure";
import type { FlowNode } from "@/flow/document";
import { Message, type MessageMeta } from "@/flow/message";
import { filterBehaviour } from "@/flow/nodes/filter.behaviour";
import { mapBehaviour } from "@/flow/nodes/map.behaviour";
import { splitBehaviour } from "@/flow/nodes/split.behaviour";
import { switchBehaviour } from "@/flow/nodes/switch.behaviour";
import { emissionsOf, isFailure } from "@/flow/verdict";
import type { Scope } from "../form/environment";

/** What a node gives for a sample as it is set now. */
export type LiveOutput =
  | { readonly ok: true; readonly out: readonly { readonly port: string; readonly body: unknown }[] }
  | { readonly ok: false; readonly message: string };

/** Steps that only compute: the worker's own code gives their result here, too. */
const behaviours: Readonly<Record<string, StepBehaviour<never>>> = {
  filter: filterBehaviour,
  map: mapBehaviour,
  split: splitBehaviour,
  switch: switchBehaviour,
};

/** `null` for a kind whose result only its worker knows, and for settings that do not hold yet. */
export async function runLive(node: FlowNode, scope: Scope): Promise<LiveOutput | null> {
  const behaviour = behaviours[node.kind];
  const { config } = configureNode(node, findKind);
  if (!behaviour || config === undefined) return null;
  const { body, key, headers, meta } = scope.values;
  const encode = (text: unknown) => new TextEncoder().encode(String(text));
  const message = Message.fromBody(
    {
      key: key === null || key === undefined ? null : encode(key),
      headers: Object.entries((headers ?? {}) as object).map(([name, value]) => [name, encode(value)]),
      meta: meta as MessageMeta,
      codec: jsonCodec,
    },
    body,
  );
  try {
    const step = behaviour.open(config as never, { node: node.id } as NodeContext);
    const [result] = await step.process([message], { signal: new AbortController().signal, attempt: 1 });
    if (!result) return null;
    if (isFailure(result)) return { ok: false, message: result.cause.message };
    const emit = emissionsOf(result, message) ?? [];
    return { ok: true, out: emit.map((each) => ({ port: each.port, body: each.message.body })) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : "It failed on this message." };
  }
}
