import { randomBytes, randomUUID } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { createDatabase } from "./client";

/**
 * `npm run reset-password -- EMAIL` (bundled as dist/reset-password.mjs). Sets MILLRACE_PASSWORD, or a random password that it prints once,
 * and ends the person's sessions: whoever needs a new password may have lost the old one to somebody.
 */
const email = process.argv[2]?.toLowerCase();
const databaseUrl = process.env.DATABASE_URL;
if (!email || !databaseUrl) {
  console.error("Whose password? npm run reset-password -- somebody@example.com");
  process.exit(1);
}
const database = createDatabase(databaseUrl, { maxConnections: 2, applicationName: "millrace-reset-password" });
try {
  process.exitCode = await resetPassword(email, process.env.MILLRACE_PASSWORD ?? randomBytes(12).toString("base64url"));
} finally {
  await database.close();
}

async function resetPassword(address: string, password: string): Promise<number> {
  const { prisma } = database;
  const user = await prisma.user.findUnique({ where: { email: address } });
  if (!user || user.email.endsWith(".invalid")) {
    const users = await prisma.user.findMany({ where: { NOT: { email: { endsWith: ".invalid" } } }, take: 20 });
    console.error(
      `Nobody here has the address ${address}. There are: ${users.map((one) => one.email).join(", ") || "none yet"}.`,
    );
    return 1;
  }
  if (password.length < 8) {
    console.error("The password must have at least 8 characters. Nothing was changed.");
    return 1;
  }
  const hash = await hashPassword(password);
  await prisma.$transaction(async (transaction) => {
    const where = { userId: user.id, providerId: "credential" };
    const { count } = await transaction.account.updateMany({ where, data: { password: hash } });
    if (count === 0)
      await transaction.account.create({ data: { ...where, id: randomUUID(), accountId: user.id, password: hash } });
    await transaction.session.deleteMany({ where: { userId: user.id } });
    await transaction.auditEntry.create({
      data: { actor: "Shell", action: "user.reset-password", object: user.email },
    });
  });
  console.log(
    `${user.email} can sign in with ${process.env.MILLRACE_PASSWORD ? "the password you gave" : `this password: ${password}`}`,
  );
  console.log("Where they were signed in, they no longer are.");
  return 0;
}
