import "server-only";
import { database } from "./database";

/** Does the database answer? */
export async function isDatabaseReady(): Promise<boolean> {
  try {
    await database().prisma.$queryRaw`SELECT 1`;
    return true;
  } catch {
    return false;
  }
}
