/**
 * The command line's own user on the machine where `npm start` runs: an administrator without an account, so nobody can sign in as it.
 * Its token lies in `.data/token`, readable by its owner only; the database keeps the hash.
 */
export const localUser = { id: "local", name: "Command line", email: "local@millrace.invalid", role: "admin" } as const;
export const localTokenName = "This machine's command line";
