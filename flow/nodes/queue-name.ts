/** What BullMQ and its keys in Redis take as the name of a queue. */
export const queueNamePattern = /^[^\s:{}]{1,200}$/;
export const queueNameRule = "it has no colons, braces or spaces";
