import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultProject } from "../flow/control";
import { type FlowDocument, flowSchema } from "../flow/document";
import type { Database } from "./client";
import type { Prisma, PrismaClient } from "./generated/client";
import { localTokenName, localUser } from "./local-user";

export interface SeedOptions {
  /** Connections belong to an environment: each gets those that ship. Flows belong to the project: their drawings are put once for all. */
  environment: string;
  /** Folder with `*.flow.json`. */
  examples: string;
  /** Address of the web, for the connection `app`; "" = not known, then it is left as it is. */
  webUrl: string;
  /** SHA-256 (hex) of the local command line's token; "" = there is none. */
  localTokenHash: string;
}

/** Connections that ship. An empty address means: the one that the worker was started with. */
const connections: { name: string; kind: string; config: Prisma.InputJsonObject }[] = [
  { name: "kafka", kind: "kafka", config: { brokers: "" } },
  { name: "queue", kind: "queue", config: { url: "" } },
  { name: "rabbitmq", kind: "rabbitmq", config: { url: "" } },
  { name: "redis", kind: "redis", config: { url: "" } },
  { name: "pulsar", kind: "pulsar", config: { url: "" } },
  { name: "http", kind: "http", config: { baseUrl: "" } },
];

/** Any number that is ours alone; not that of the migrations. */
const lockKey = 7_146_335_422;

/**
 * Puts what ships into the database: connections, example flows, the local command line's user and token. What was put once is marked in
 * the audit trail and never put again, so what people change or delete stays as they left it. Safe to call at each start, and from
 * several processes at once. Returns the names of the flows that it added.
 */
export async function seed({ prisma, pool }: Database, options: SeedOptions): Promise<string[]> {
  const locking = await pool.connect();
  try {
    await locking.query("SELECT pg_advisory_lock($1)", [lockKey]);
    const place = { project: defaultProject, environment: options.environment };
    const marked = await prisma.auditEntry.findMany({
      where: { action: "seed" },
      select: { object: true, environment: true },
    });
    const here = marked.filter((entry) => entry.environment === place.environment);
    await seedConnections(prisma, place, new Set(here.map((entry) => entry.object)), options.webUrl);
    await seedLocalToken(prisma, place, options.localTokenHash);
    const done = new Set(marked.map((entry) => entry.object));
    return await seedFlows(prisma, place, done, await readExamples(options.examples));
  } finally {
    await locking.query("SELECT pg_advisory_unlock($1)", [lockKey]).catch(() => {});
    locking.release();
  }
}

interface Place {
  project: string;
  environment: string;
}

async function seedConnections(prisma: PrismaClient, place: Place, done: Set<string>, webUrl: string): Promise<void> {
  const shipped =
    webUrl === "" ? connections : [...connections, { name: "app", kind: "http", config: { baseUrl: webUrl } }];
  for (const { name, kind, config } of shipped) {
    const data = { ...place, name, kind, config };
    await putOnce(prisma, place, done, `connection:${name}`, (transaction) =>
      transaction.connection.createMany({ data, skipDuplicates: true }),
    );
  }
  if (webUrl === "") return;
  // The port may differ from start to start; a connection that people pointed elsewhere keeps their address.
  const app = await prisma.connection.findFirst({ where: { ...place, name: "app", kind: "http" } });
  const config = app?.config as { baseUrl?: unknown } | undefined;
  if (app && config?.baseUrl !== webUrl && /^http:\/\/(127\.0\.0\.1|localhost):\d+$/.test(String(config?.baseUrl))) {
    await prisma.connection.update({ where: { id: app.id }, data: { config: { ...config, baseUrl: webUrl } } });
  }
}

async function seedFlows(
  prisma: PrismaClient,
  place: Place,
  done: Set<string>,
  documents: FlowDocument[],
): Promise<string[]> {
  const added: string[] = [];
  for (const document of documents) {
    const { name, title = name, description = "" } = document;
    const draft = document as unknown as Prisma.InputJsonObject;
    const data = { ...place, name, title, description, draft, example: name, updatedBy: "Millrace" };
    const put = await putOnce(prisma, place, done, `flow:${name}`, (transaction) =>
      transaction.flow.createMany({ data, skipDuplicates: true }),
    );
    if (put) added.push(name);
  }
  return added;
}

async function seedLocalToken(prisma: PrismaClient, place: Place, hash: string): Promise<void> {
  if (hash === "") return;
  await prisma.user.upsert({ where: { id: localUser.id }, create: { ...localUser, emailVerified: true }, update: {} });
  await prisma.apiToken.deleteMany({ where: { userId: localUser.id, name: localTokenName, hash: { not: hash } } });
  const data = { ...place, name: localTokenName, hash, role: localUser.role, userId: localUser.id };
  await prisma.apiToken.upsert({ where: { hash }, create: data, update: {} });
}

/** Puts a thing and its mark in one transaction. False when it was put before. */
async function putOnce(
  prisma: PrismaClient,
  place: Place,
  done: Set<string>,
  object: string,
  put: (transaction: Prisma.TransactionClient) => Promise<unknown>,
): Promise<boolean> {
  if (done.has(object)) return false;
  await prisma.$transaction(async (transaction) => {
    await put(transaction);
    await transaction.auditEntry.create({ data: { ...place, actor: "Millrace", action: "seed", object } });
  });
  return true;
}

async function readExamples(directory: string): Promise<FlowDocument[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".flow.json")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return texts.map((text) => flowSchema.parse(JSON.parse(text)));
}
