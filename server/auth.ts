import "server-only";
import { APIError, betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { deriveSessionSecret } from "@/prisma/secrets";
import { auditSignIns } from "./audit-sign-ins";
import { database } from "./database";
import { type Env, readEnv } from "./env";
import { claimFirstAccount } from "./first-account";
import { listKnownHosts } from "./hosts";
import { minPasswordLength } from "./password";

/** Builds the accounts' side: sign-up of the first administrator, sign-in, sessions. */
export function createAuth(env: Env) {
  const { prisma } = database();
  return betterAuth({
    appName: "Millrace",
    secret: deriveSessionSecret(env.MILLRACE_SECRET),
    // A fixed address would refuse localhost or 127.0.0.1, whichever it is not.
    baseURL: { allowedHosts: listKnownHosts(), protocol: "auto" },
    database: prismaAdapter(prisma, { provider: "postgresql" }),
    emailAndPassword: { enabled: true, minPasswordLength },
    user: { additionalFields: { role: { type: "string", required: false, defaultValue: "viewer", input: false } } },
    rateLimit: { enabled: env.MILLRACE_QUIET_LIMITS === "" },
    telemetry: { enabled: false },
    // What Millrace has procedures for, or nothing: these would leave no trace in the audit.
    disabledPaths: [
      ...["/update-user", "/update-session", "/change-password", "/change-email", "/delete-user", "/verify-password"],
      ...["/list-sessions", "/revoke-session", "/revoke-sessions", "/revoke-other-sessions"],
      ...["/list-accounts", "/link-social", "/unlink-account", "/sign-in/social"],
    ],
    hooks: auditSignIns(env.MILLRACE_ENVIRONMENT),
    databaseHooks: {
      user: {
        create: {
          // Every account that comes by sign-up passes here; an administrator adds users by another way (use-cases/users.ts).
          before: async (user) => {
            if (!(await claimFirstAccount(prisma))) {
              throw new APIError("FORBIDDEN", {
                code: "SIGN_UP_CLOSED",
                message: "Sign-up is closed. Ask an administrator to add you.",
              });
            }
            return { data: { ...user, role: "admin" } };
          },
        },
      },
    },
  });
}

type Auth = ReturnType<typeof createAuth>;
const held = globalThis as typeof globalThis & { millraceAuth?: Auth };

/** The one of this process. */
export function auth(): Auth {
  held.millraceAuth ??= createAuth(readEnv());
  return held.millraceAuth;
}
