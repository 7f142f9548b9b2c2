import { auth } from "@/server/auth";
import { answerRefusal, refuseUnknownHost } from "@/server/hosts";

export const dynamic = "force-dynamic";

async function handle(request: Request): Promise<Response> {
  const refused = refuseUnknownHost(request.headers.get("host"));
  return refused ? answerRefusal(refused, 400) : auth().handler(request);
}

export { handle as GET, handle as POST };
