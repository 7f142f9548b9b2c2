import "server-only";

/** Shortest password that is taken. */
export const minPasswordLength = 8;
