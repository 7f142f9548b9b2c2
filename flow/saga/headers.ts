/** Of a command by topic or queue: the command's key. Its answer carries the same. */
export const correlationHeader = "correlation-id";
/** Of a command by topic: where its answer is expected. */
export const replyToHeader = "reply-to";
/** Of an answer: `failed` for good, or `retry`; without it, it succeeded. Of what a saga says at its end: `completed` or `compensated`. */
export const outcomeHeader = "saga-outcome";
/** Of what a saga says at its end: its id. */
export const sagaIdHeader = "saga-id";
