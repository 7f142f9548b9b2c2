import "server-only";
import { createHash } from "node:crypto";
import { personHeader, readPersonHeader } from "@/flow/person-header";
import { auth } from "./auth";
import { readRole, smallerRole } from "./can";
import { database } from "./database";
import { readEnv } from "./env";
import { isOwnOrigin, refuseUnknownHost } from "./hosts";
import type { Me } from "./views";

/** Who asks, and from where. */
export interface Context {
  me: Me | null;
  /** How they are known. */
  by: "session" | "token" | null;
  /** Address under which the server was reached, without a slash at the end. */
  origin: string;
  environment: string;
  /** Id of the browser's session. */
  session?: string;
  /** The API token by which they are known, and what it is limited to. */
  token?: TokenScope;
  /** Who runs the command line, as that says (`personHeader`): told in the audit, and no more. */
  person?: string;
  /** Why a token that was passed does not count, in words. */
  refused?: { code: string; message: string };
}

/** What an API token may touch, beside its role. */
export interface TokenScope {
  id: string;
  name: string;
  /** Ids; none: every flow. */
  flowIds: string[];
  readOnly: boolean;
}

/** Reads who asks from the headers: an API token (`authorization: Bearer …`), else the browser's session. */
export async function createContext(request: { headers: Headers; url?: string }): Promise<Context> {
  const env = readEnv();
  const base = { origin: readOrigin(request), environment: env.MILLRACE_ENVIRONMENT };
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    return {
      ...base,
      ...(token ? await findTokenOwner(token) : { me: null, by: null }),
      ...readPerson(request.headers),
    };
  }
  const unknownHost = refuseUnknownHost(request.headers.get("host"));
  if (unknownHost) throw unknownHost;
  // Cookies are sent along by pages elsewhere on this machine, too: those do not speak for whoever is signed in.
  if (!isOwnOrigin(request.headers)) return { ...base, me: null, by: null };
  const session = await auth().api.getSession({ headers: request.headers });
  if (!session) return { ...base, me: null, by: null };
  const { id, name, email, role } = session.user;
  return { ...base, me: { id, name, email, role: readRole(role) }, by: "session", session: session.session.id };
}

const maxPersonLength = 120;

function readPerson(headers: Headers): { person?: string } {
  const person = readPersonHeader(headers.get(personHeader)).slice(0, maxPersonLength);
  return person === "" ? {} : { person };
}

/** Only this is kept of a token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** How stale `lastUsedAt` may be: a busy script must not write a row with each call. */
const lastUsedStepMs = 60_000;

async function findTokenOwner(token: string): Promise<Pick<Context, "me" | "by" | "token" | "refused">> {
  const { prisma } = database();
  const row = await prisma.apiToken.findUnique({ where: { hash: hashToken(token) }, include: { user: true } });
  if (!row) {
    const message =
      "The API token is not known here: it was revoked, or is of another server. Make a new one in Settings.";
    return { me: null, by: null, refused: { code: "token-unknown", message } };
  }
  if (row.expiresAt !== null && row.expiresAt.getTime() <= Date.now()) {
    const message = `The API token “${row.name}” expired on ${row.expiresAt.toISOString().slice(0, 10)}. Make a new one in Settings.`;
    return { me: null, by: null, refused: { code: "token-expired", message } };
  }
  if (row.lastUsedAt === null || Date.now() - row.lastUsedAt.getTime() > lastUsedStepMs) {
    await prisma.apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date() } });
  }
  const { id, name, email } = row.user;
  return {
    me: { id, name, email, role: smallerRole(readRole(row.role), readRole(row.user.role)) },
    by: "token",
    token: { id: row.id, name: row.name, flowIds: row.flowIds, readOnly: row.readOnly },
  };
}

function readOrigin(request: { headers: Headers; url?: string }): string {
  const configured = readEnv().MILLRACE_URL.replace(/\/+$/, "");
  if (configured !== "") return configured;
  const host = request.headers.get("host");
  if (host !== null) return `http://${host}`;
  return request.url === undefined ? "" : new URL(request.url).origin;
}
