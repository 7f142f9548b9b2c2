import "server-only";
import { database } from "./database";

/** Does the database answer? */
async function isDatabaseReady(): Promise<boolean> {
  try {
    await database().prisma.$queryRaw`SELECT 1`;
    return true;
  } catch {
    return false;
  }
}

/** Answers whoever sends requests here, or starts the server: can they be answered? */
export async function answerReadiness(): Promise<Response> {
  const ok = await isDatabaseReady();
  return Response.json({ ok }, { status: ok ? 200 : 503 });
}
