/** A topic's whole name: `persistent://tenant/namespace/topic`. */
export interface PulsarTopic {
  readonly tenant: string;
  readonly namespace: string;
  readonly name: string;
}

const part = String.raw`[\w.=:-]{1,250}`;

export const pulsarTopicName = {
  /** `orders`, in the connection's tenant and namespace; `tenant/namespace/orders`; or with `persistent://` before it. */
  pattern: new RegExp(`^(?:(?:persistent://)?${part}/${part}/)?${part}$`),
  rule: "it has letters, digits, dots, hyphens and underscores; a tenant and a namespace may stand before it, as in acme/shop/orders",
};

/** What a node calls a topic, as its whole name; `undefined` for what is none. */
export function readPulsarTopic(
  text: string,
  { tenant, namespace }: { readonly tenant: string; readonly namespace: string },
): PulsarTopic | undefined {
  if (!pulsarTopicName.pattern.test(text)) return undefined;
  const parts = text.replace("persistent://", "").split("/");
  return parts.length === 1
    ? { tenant, namespace, name: text }
    : { tenant: parts[0]!, namespace: parts[1]!, name: parts[2]! };
}
