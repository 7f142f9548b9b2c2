import { auth } from "@/server/auth";

export const dynamic = "force-dynamic";

function handle(request: Request): Promise<Response> {
  return auth().handler(request);
}

export { handle as GET, handle as POST };
