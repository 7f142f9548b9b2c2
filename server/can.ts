import "server-only";
import type { Role } from "./views";

/** From the smallest to the greatest; each may what the ones before it may. */
export const roles = ["viewer", "editor", "operator", "admin"] as const satisfies readonly Role[];

/** The smallest role that may do it. What is not in the table nobody may. */
const smallest = {
  flow: { read: "viewer", save: "editor", remove: "editor", deploy: "operator", stop: "operator" },
  version: { read: "viewer", name: "editor" },
  deployment: { read: "viewer" },
  connection: { read: "viewer", browse: "viewer", test: "operator", save: "operator", remove: "operator" },
  /** A topic, a queue: on a broker. */
  place: { create: "operator" },
  run: { read: "viewer", "send-from": "operator" },
  /** What is recorded of a flow for a time. */
  recording: { read: "viewer", start: "operator", stop: "operator" },
  /** A list's filter under a name. */
  view: { read: "viewer", save: "viewer", share: "editor" },
  "dead-letter": { read: "viewer", redrive: "operator", discard: "operator" },
  parked: { read: "viewer", retry: "operator", "give-up": "operator" },
  /** `decide`: approve or reject; the approval itself says whose word it takes, from this role on. */
  saga: { read: "viewer", decide: "editor", act: "operator" },
  message: { read: "viewer", send: "editor" },
  /** `try`: calls may be made in earnest. Cases call nobody. */
  trial: { try: "editor", "run-cases": "viewer" },
  worker: { read: "viewer" },
  /** One's own tokens; nobody makes one of a greater role than one's own. */
  token: { read: "viewer", create: "viewer", revoke: "viewer" },
  /** One's own; an administrator ends everyone's. */
  session: { read: "viewer", end: "viewer" },
  /** One's own. */
  password: { change: "viewer" },
  user: { read: "admin", create: "admin", change: "admin", remove: "admin" },
  invitation: { read: "admin", create: "admin", revoke: "admin" },
  audit: { read: "operator" },
} as const satisfies Record<string, Record<string, Role>>;

export type CanObject = keyof typeof smallest;
export type CanAction<O extends CanObject> = keyof (typeof smallest)[O] & string;

/** The smallest role that may do this. */
export function roleFor<O extends CanObject>(action: CanAction<O>, object: O): Role {
  return (smallest[object] as Record<string, Role>)[action] ?? "admin";
}

/** May this role do this? */
export function can<O extends CanObject>(role: Role, action: CanAction<O>, object: O): boolean {
  return includesRole(role, roleFor(action, object));
}

/** Is `role` at least `needed`? */
export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** The smaller of two roles. */
export function smallerRole(a: Role, b: Role): Role {
  return includesRole(a, b) ? b : a;
}

/** A stored role; what is unknown counts as the smallest. */
export function readRole(stored: string | null | undefined): Role {
  return roles.find((role) => role === stored) ?? "viewer";
}
