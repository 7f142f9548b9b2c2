import "server-only";
import { connectionKinds, findConnectionKind } from "@/flow/connection-catalog";
import { defaultProject } from "@/flow/control";
import { joinWords } from "@/flow/issues";
import type { Connection, Prisma } from "@/prisma/generated/client";
import { openSecrets, SecretsUnreadableError, sealSecrets } from "@/prisma/secrets";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { readEnv } from "../env";
import { connectionsOf } from "../flow-places";
import { notFound, refusal } from "../refusal";
import type { ConnectionView } from "../views";
import { readStored } from "./find-flow";
import { notifyWorkers } from "./notify";
import { findFlowsInFlightOn } from "./saga-impact";

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** All connections with what they lack and who uses them. Secrets only by name. */
export async function listConnections(environment: string): Promise<ConnectionView[]> {
  const { prisma } = database();
  const [connections, flows] = await Promise.all([
    prisma.connection.findMany({
      where: { project: defaultProject, environment },
      omit: { secrets: true },
      orderBy: { name: "asc" },
    }),
    prisma.flow.findMany({
      where: { project: defaultProject },
      select: { name: true, draft: true },
      orderBy: { name: "asc" },
    }),
  ]);
  const uses = flows.map((flow) => {
    const draft = readStored(flow.draft);
    return { flow: flow.name, connections: draft ? connectionsOf(draft) : [] };
  });
  return connections.map((connection) => ({
    name: connection.name,
    kind: connection.kind,
    config: connection.config as Record<string, unknown>,
    secretsSet: connection.secretsSet,
    missing: findMissing(connection),
    updatedAt: connection.updatedAt,
    usedBy: uses.filter((use) => use.connections.includes(connection.name)).map((use) => use.flow),
  }));
}

/**
 * Saves a connection. Secrets that are not given stay as they are, an empty one is taken away; what is given replaces the config whole.
 */
export async function saveConnection(
  actor: Actor,
  input: { name: string; kind: string; config: Record<string, unknown>; secrets: Record<string, string> },
): Promise<{ created: boolean }> {
  const { name, kind: kindName } = input;
  if (!namePattern.test(name)) {
    throw refusal(
      "BAD_REQUEST",
      "connection-name-invalid",
      `“${name}” is not a name: use a-z, 0-9 and -, at most 63 characters.`,
    );
  }
  const config = readConfig(kindName, input.config);
  refuseUnknownSecrets(kindName, input.secrets);
  const { prisma } = database();
  return prisma.$transaction(async (tx) => {
    const place = { project: defaultProject, environment: actor.environment, name };
    const existing = await tx.connection.findUnique({ where: { project_environment_name: place } });
    if (existing && existing.kind !== kindName) {
      throw refusal(
        "CONFLICT",
        "connection-wrong-kind",
        `“${name}” is of the kind ${existing.kind}. Choose another name, or delete it first.`,
      );
    }
    const secrets = { ...(existing ? openStored(existing, input.secrets) : {}), ...input.secrets };
    const sealed = sealSecrets(readEnv().MILLRACE_SECRET, secrets);
    const data = {
      kind: kindName,
      config: config as Prisma.InputJsonObject,
      secrets: sealed.names.length === 0 ? null : sealed.ciphertext,
      secretsSet: sealed.names,
      keyId: sealed.names.length === 0 ? null : sealed.keyId,
    };
    await tx.connection.upsert({
      where: { project_environment_name: place },
      create: { ...place, ...data },
      update: data,
    });
    await recordAudit(tx, actor, existing ? "connection.change" : "connection.create", name, {
      kind: kindName,
      secrets: Object.keys(input.secrets),
    });
    await notifyWorkers(tx, "connection");
    return { created: !existing };
  });
}

/** Deletes a connection that no flow names. */
export async function removeConnection(actor: Actor, name: string): Promise<void> {
  const used = (await listConnections(actor.environment)).find((connection) => connection.name === name);
  if (!used) throw notFound("connection", name);
  if (used.usedBy.length > 0) {
    const flows = used.usedBy.map((flow) => `“${flow}”`).join(", ");
    throw refusal(
      "PRECONDITION_FAILED",
      "connection-used",
      `“${name}” is used by ${flows}. Point them elsewhere first, then delete it.`,
    );
  }
  const inFlight = await findFlowsInFlightOn(database().prisma, actor.environment, name);
  if (inFlight.length > 0) {
    const flows = inFlight.map((flow) => `“${flow}”`).join(", ");
    throw refusal(
      "PRECONDITION_FAILED",
      "connection-used",
      `Sagas in flight of ${flows} use “${name}”. Let them end or cancel them, then delete it.`,
    );
  }
  await database().prisma.$transaction(async (tx) => {
    await tx.connection.deleteMany({ where: { project: defaultProject, environment: actor.environment, name } });
    await recordAudit(tx, actor, "connection.remove", name);
    await notifyWorkers(tx, "connection");
  });
}

function findMissing(connection: Omit<Connection, "secrets">): string[] {
  const kind = findConnectionKind(connection.kind);
  if (!kind) return [`the kind ${connection.kind}, which this version does not know`];
  const parsed = kind.config.safeParse(connection.config);
  if (!parsed.success) return parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  return kind.missing(parsed.data, connection.secretsSet);
}

function readConfig(kindName: string, config: Record<string, unknown>): unknown {
  const kind = findConnectionKind(kindName);
  if (!kind)
    throw refusal(
      "BAD_REQUEST",
      "connection-kind-unknown",
      `There is no kind of connection “${kindName}”. There are ${joinWords(
        connectionKinds.map((each) => each.kind),
        "and",
      )}.`,
    );
  const parsed = kind.config.safeParse(config);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refusal(
    "BAD_REQUEST",
    "config-field-invalid",
    `${issue?.path.join(".") || "The config"}: ${issue?.message ?? "is not valid"}.`,
  );
}

function refuseUnknownSecrets(kindName: string, secrets: Record<string, string>): void {
  const known = findConnectionKind(kindName)?.secrets.map((secret) => secret.name) ?? [];
  const unknown = Object.keys(secrets).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const words = known.length === 0 ? "It has none." : `It has ${known.join(", ")}.`;
  throw refusal(
    "BAD_REQUEST",
    "connection-secret-unknown",
    `A connection of the kind ${kindName} has no secret “${unknown}”. ${words}`,
  );
}

/** What is stored already. When it was sealed under another key, only a save that gives every secret anew goes through. */
function openStored(stored: Connection, given: Record<string, string>): Record<string, string> {
  if (stored.secretsSet.every((name) => name in given)) return {};
  try {
    return openSecrets(readEnv().MILLRACE_SECRET, stored.secrets);
  } catch (error) {
    if (error instanceof SecretsUnreadableError) throw refusal("PRECONDITION_FAILED", error.code, error.message);
    throw error;
  }
}
