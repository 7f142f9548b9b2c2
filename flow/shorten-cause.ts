/** The words before the reason, as flow/message-failure.ts writes them: the node stands beside the cause already. */
const boilerplate = /^`([^`]+)` of node `[^`]+` failed on this message: (?=\S)/;

/** A cause as it is shown: the reason first. */
export function shortenCause(message: string): string {
  const reason = message.replace(boilerplate, "");
  return reason === message ? message : reason.charAt(0).toUpperCase() + reason.slice(1);
}

/** Which setting of its node failed (`set.total`), where the words say it and `shortenCause` leaves it out. */
export function settingOfCause(message: string): string | null {
  return boilerplate.exec(message)?.[1] ?? null;
}
