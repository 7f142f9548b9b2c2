import { isDatabaseReady } from "@/server/ready";

export const dynamic = "force-dynamic";

/** For whoever starts the server: is it ready? */
export async function GET(): Promise<Response> {
  const ok = await isDatabaseReady();
  return Response.json({ ok }, { status: ok ? 200 : 503 });
}
