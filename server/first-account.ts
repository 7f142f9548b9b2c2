import "server-only";
import type { PrismaClient } from "@/prisma/generated/client";

const claimId = "first-account";
/** Longer than making an account takes; if that fails, the next try may begin after it. */
const claimSeconds = 10;

/**
 * Is there nobody who can sign in yet? The command line's own user, made by `npm start`, has no password and does not count.
 */
export async function isFirstRun(prisma: PrismaClient): Promise<boolean> {
  return (await prisma.account.count({ take: 1 })) === 0;
}

/**
 * Takes the one place of the first account. Of several sign-ups at the same moment one gets it: the row's key decides, and it
 * outlives the making of the account, after which the account itself closes sign-up.
 */
export async function claimFirstAccount(prisma: PrismaClient): Promise<boolean> {
  if (!(await isFirstRun(prisma))) return false;
  const claimed = await prisma.$queryRaw<{ id: string }[]>`
    INSERT INTO "verification" ("id", "identifier", "value", "expiresAt", "createdAt", "updatedAt")
    VALUES (${claimId}, ${claimId}, '', now() AT TIME ZONE 'UTC' + make_interval(secs => ${claimSeconds}), now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
    ON CONFLICT ("id") DO UPDATE SET "expiresAt" = EXCLUDED."expiresAt"
    WHERE "verification"."expiresAt" < now() AT TIME ZONE 'UTC'
    RETURNING "id"`;
  // Looked at again: between the first look and the claim an earlier holder may have finished.
  return claimed.length === 1 && (await isFirstRun(prisma));
}
