import { isDatabaseReady } from "@/server/ready";

export const dynamic = "force-dynamic";

/** For whoever sends requests here: can they be answered? */
export async function GET(): Promise<Response> {
  const ok = await isDatabaseReady();
  return Response.json({ ok }, { status: ok ? 200 : 503 });
}
