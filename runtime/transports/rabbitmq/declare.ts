import type { Channel } from "rabbitmq-client";
import type { RabbitExchange, RabbitQueue } from "../../../flow/connections/rabbitmq-port";
import type { Cause } from "../../../flow/verdict";
import type { RabbitAddress } from "./address";
import { causeOf } from "./causes";

/** A queue or exchange that is not there, or is there otherwise than the node asks for. The channel is closed with it. */
export class DeclareError extends Error {
  override readonly name = "DeclareError";
  constructor(
    readonly reason: Cause,
    cause: unknown,
  ) {
    super(reason.message, { cause });
  }
}

/** Declares a queue with its exchange and bindings, or sees that it is there. What is there is never changed. @throws DeclareError */
export async function ensureQueue(channel: Channel, address: RabbitAddress, queue: RabbitQueue): Promise<void> {
  const { name, declare } = queue;
  await attempt(address, `queue ${name}`, () =>
    channel.queueDeclare(
      declare ? { queue: name, durable: true, arguments: { ...declare.arguments } } : { queue: name, passive: true },
    ),
  );
  if (!declare?.exchange) return;
  const exchange = declare.exchange;
  await ensureExchange(channel, address, exchange);
  for (const binding of declare.bindings ?? []) {
    await attempt(address, `exchange ${exchange.name}`, () =>
      channel.queueBind({
        queue: name,
        exchange: exchange.name,
        routingKey: binding.routingKey,
        arguments: { ...binding.arguments },
      }),
    );
  }
}

/** Declares an exchange, or sees that it is there. @throws DeclareError */
export async function ensureExchange(
  channel: Channel,
  address: RabbitAddress,
  exchange: RabbitExchange,
): Promise<void> {
  const { name, type } = exchange;
  if (name === "") return;
  await attempt(address, `exchange ${name}`, () =>
    channel.exchangeDeclare(type ? { exchange: name, type, durable: true } : { exchange: name, passive: true }),
  );
}

async function attempt(address: RabbitAddress, place: string, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    throw new DeclareError(causeOf(error, address, place), error);
  }
}
