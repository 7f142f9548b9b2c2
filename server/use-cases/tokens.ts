import "server-only";
import { randomBytes } from "node:crypto";
import { type Actor, recordAudit } from "../audit";
import { includesRole, readRole } from "../can";
import { hashToken } from "../context";
import { database } from "../database";
import { notFound, refusal } from "../refusal";
import type { Role, TokenView } from "../views";
import { findFlow, findFlowNames } from "./find-flow";

const dayMs = 86_400_000;

/** One's own tokens; an administrator sees everyone's. */
export async function listTokens(actor: Actor): Promise<TokenView[]> {
  const tokens = await database().prisma.apiToken.findMany({
    where: actor.me.role === "admin" ? {} : { userId: actor.me.id },
    select: {
      id: true,
      name: true,
      role: true,
      createdAt: true,
      lastUsedAt: true,
      expiresAt: true,
      readOnly: true,
      flowIds: true,
      user: { select: { name: true } },
    },
    orderBy: { createdAt: "desc" },
  });
  const names = tokens.some(({ flowIds }) => flowIds.length > 0) ? await findFlowNames(database().prisma) : new Map();
  return tokens.map(({ user, flowIds, ...token }) => ({
    ...token,
    role: readRole(token.role),
    owner: user.name,
    flows: flowIds.length === 0 ? null : flowIds.flatMap((id) => names.get(id) ?? []).sort(),
  }));
}

/** Makes a token of at most one's own role. It is told once; the database keeps its hash. */
export async function createToken(
  actor: Actor,
  input: { name: string; role: Role; days?: number; readOnly: boolean; flows: string[] },
): Promise<{ token: string }> {
  if (!includesRole(actor.me.role, input.role)) {
    throw refusal(
      "FORBIDDEN",
      "role-too-small",
      `A token can have at most your own role, which is ${actor.me.role}; this one needs the role ${input.role}.`,
    );
  }
  const token = `millrace_${randomBytes(32).toString("base64url")}`;
  await database().prisma.$transaction(async (tx) => {
    const flows = await Promise.all(input.flows.map((flow) => findFlow(tx, actor.environment, flow)));
    await tx.apiToken.create({
      data: {
        environment: actor.environment,
        name: input.name,
        role: input.role,
        hash: hashToken(token),
        userId: actor.me.id,
        readOnly: input.readOnly,
        flowIds: [...new Set(flows.map(({ id }) => id))],
        expiresAt: input.days === undefined ? null : new Date(Date.now() + input.days * dayMs),
      },
    });
    await recordAudit(tx, actor, "token.create", input.name, {
      role: input.role,
      days: input.days ?? null,
      ...(input.readOnly ? { readOnly: true } : {}),
      ...(input.flows.length > 0 ? { flows: input.flows } : {}),
    });
  });
  return { token };
}

/** Ends a token at once. */
export async function revokeToken(actor: Actor, id: string): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const token = await tx.apiToken.findUnique({ where: { id }, include: { user: { select: { email: true } } } });
    if (!token || (actor.me.role !== "admin" && token.userId !== actor.me.id)) throw notFound("token", id);
    await tx.apiToken.delete({ where: { id } });
    await recordAudit(tx, actor, "token.revoke", token.name, { owner: token.user.email });
  });
}
