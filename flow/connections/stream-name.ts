/** What can be the name of a stream: a Redis key, with one hash tag in braces at most. */
export const streamNamePattern = /^(?=.{1,200}$)[^\s{}]*(\{[^\s{}]+\}[^\s{}]*)?$/;
export const streamNameRule = "it has no spaces, and braces only around a hash tag";
