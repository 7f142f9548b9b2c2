import * as z from "zod";
import { exchangeTypes } from "../connections/rabbitmq-names";
import type { RabbitArgument, RabbitBinding, RabbitQueueDeclaration } from "../connections/rabbitmq-port";
import { optionalDuration, parseDuration } from "../duration";

const optionalCount = (max: number, meta: { title: string; help: string; when: { field: string; is: boolean[] } }) =>
  z
    .int()
    .min(1)
    .max(max)
    .optional()
    .meta({ ...meta, widget: "number", advanced: true });

/** Fields that bind a queue which a node declares to an exchange, shown where the switch of that name is on. */
export function bindingFields(declare: string) {
  const when = { field: declare, is: [true] };
  return {
    exchange: z
      .string()
      .optional()
      .meta({
        title: "Bind to exchange",
        help: "The exchange that the queue gets its messages from. Empty: no binding is made.",
        placeholder: "shop.events",
        widget: "place",
        place: "exchange",
        madeWhen: { field: "exchangeType", is: [...exchangeTypes] },
        when,
      }),
    exchangeType: z
      .enum(["as-it-is", ...exchangeTypes])
      .default("as-it-is")
      .meta({
        title: "Exchange type",
        help: "As it is: the exchange must be there. Else it is declared, durable. x-consistent-hash needs RabbitMQ's plugin of that name.",
        widget: "select",
        advanced: true,
        when,
      }),
    bindingKeys: z.string().optional().meta({
      title: "Binding keys",
      help: "Separated by spaces: `orders.*.created orders.#`. For x-consistent-hash: the queue's weight, like 1. Fanout needs none.",
      placeholder: "orders.#",
      when,
    }),
    bindingHeaders: z
      .record(z.string().min(1), z.string().meta({ title: "Value" }))
      .default({})
      .meta({
        title: "Binding headers",
        help: "For an exchange by headers: what a message must have; `x-match` is all or any.",
        widget: "key-values",
        advanced: true,
        when,
      }),
  };
}

/** Fields of a queue that a node declares, shown where the switch of that name is on. */
export function queueFields(declare: string) {
  const when = { field: declare, is: [true] };
  return {
    queueType: z.enum(["quorum", "classic"]).default("quorum").meta({
      title: "Type",
      help: "A quorum queue is kept by a majority of the cluster's nodes; a classic one by one node.",
      widget: "select",
      when,
    }),
    singleActiveConsumer: z.boolean().default(false).meta({
      title: "Single active consumer",
      help: "One worker at a time gets its messages, so that they stay in order; another takes over when that is gone.",
      widget: "switch",
      advanced: true,
      when,
    }),
    deadLetterExchange: z.string().optional().meta({
      title: "Dead-letter exchange",
      help: "Gets what expires, overflows or is delivered too often. What a flow gives up on goes to the flow's own dead letters.",
      placeholder: "orders.dead",
      advanced: true,
      when,
    }),
    deadLetterKey: z.string().optional().meta({
      title: "Dead-letter routing key",
      help: "Empty: the one that the message came with.",
      advanced: true,
      when,
    }),
    messageTtl: optionalDuration("30d", {
      title: "Messages live for",
      help: "Like 30s, 15m or 7d: older ones are removed, or go to the dead-letter exchange. Empty: for ever.",
      placeholder: "7d",
      advanced: true,
      when,
    }),
    maxLength: optionalCount(1_000_000_000, {
      title: "At most",
      help: "Messages that the queue keeps. More are refused, so that writers wait; nothing is dropped.",
      when,
    }),
    deliveryLimit: optionalCount(1_000, {
      title: "Delivery limit",
      help: "Of a quorum queue: how often a message is delivered again before it is dropped or goes to the dead-letter exchange. Each stop of a worker counts.",
      when,
    }),
    maxPriority: optionalCount(255, {
      title: "Priorities",
      help: "Of a classic queue: how many it tells apart; 10 are many.",
      when,
    }),
  };
}

interface QueueSettings {
  readonly queueType: "quorum" | "classic";
  readonly singleActiveConsumer: boolean;
  readonly deadLetterExchange?: string | undefined;
  readonly deadLetterKey?: string | undefined;
  readonly messageTtl?: string | undefined;
  readonly maxLength?: number | undefined;
  readonly deliveryLimit?: number | undefined;
  readonly maxPriority?: number | undefined;
}

/** The arguments that the queue is declared with, as RabbitMQ names them. */
export function queueArguments(settings: QueueSettings): Record<string, RabbitArgument> {
  const isQuorum = settings.queueType === "quorum";
  const wanted: Record<string, RabbitArgument | undefined> = {
    "x-queue-type": settings.queueType,
    "x-single-active-consumer": settings.singleActiveConsumer || undefined,
    "x-dead-letter-exchange": settings.deadLetterExchange || undefined,
    "x-dead-letter-routing-key": settings.deadLetterKey || undefined,
    "x-message-ttl": settings.messageTtl ? parseDuration(settings.messageTtl) : undefined,
    "x-max-length": settings.maxLength,
    "x-overflow": settings.maxLength === undefined ? undefined : "reject-publish",
    "x-delivery-limit": isQuorum ? settings.deliveryLimit : undefined,
    "x-max-priority": isQuorum ? undefined : settings.maxPriority,
  };
  return Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, RabbitArgument] => entry[1] !== undefined),
  );
}

interface BindingSettings {
  readonly exchange?: string | undefined;
  readonly exchangeType: string;
  readonly bindingKeys?: string | undefined;
  readonly bindingHeaders: Readonly<Record<string, string>>;
}

/** The exchange that a queue is bound to, and by what; nothing where none is named. */
export function bindingsOf(settings: BindingSettings): Pick<RabbitQueueDeclaration, "exchange" | "bindings"> {
  const { exchange: name, exchangeType: type, bindingKeys, bindingHeaders } = settings;
  if (!name) return {};
  const keys = (bindingKeys ?? "").split(/\s+/).filter((key) => key !== "");
  const byHeaders = Object.keys(bindingHeaders).length > 0 ? { arguments: bindingHeaders } : {};
  const bindings = (keys.length > 0 ? keys : [""]).map((routingKey): RabbitBinding => ({ routingKey, ...byHeaders }));
  return { exchange: { name, ...(type === "as-it-is" ? {} : { type }) }, bindings };
}
