import { auth } from "@/server/auth";
import { answerRefusal, refuseUnknownHost } from "@/server/hosts";
import { limitBody } from "@/server/limit-body";

export const dynamic = "force-dynamic";

/** A name, an address, a password: whoever sends more is not signing in. */
const authLimitBytes = 1_048_576;

async function handle(request: Request): Promise<Response> {
  const refused = refuseUnknownHost(request.headers.get("host"));
  if (refused) return answerRefusal(refused, 400);
  const limited = await limitBody(request, authLimitBytes);
  return limited instanceof Response ? limited : auth().handler(limited);
}

export { handle as GET, handle as POST };
