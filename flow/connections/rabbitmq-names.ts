/** What AMQP takes as the name of a queue; those that begin with amq. are made by the broker alone. */
export const queueName = {
  pattern: /^(?!amq\.)[^\s]{1,255}$/,
  rule: "a name has no spaces, does not begin with amq. and is not longer than 255 bytes",
};

/** Exchanges that begin with amq. are there from the start. */
export const exchangeName = {
  pattern: /^[^\s]{1,255}$/,
  rule: "a name has no spaces and is not longer than 255 bytes",
};

export const queueTypes = ["quorum", "classic", "stream"] as const;
/** Types of exchanges that can be declared; the last needs a plugin of RabbitMQ's. */
export const exchangeTypes = ["direct", "topic", "fanout", "headers", "x-consistent-hash"] as const;
