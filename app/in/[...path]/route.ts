import { passWebhook } from "@/server/webhook-gate";

export const dynamic = "force-dynamic";

function handle(request: Request): Promise<Response> {
  return passWebhook(request);
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
