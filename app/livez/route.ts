export const dynamic = "force-dynamic";

/** For whoever restarts the process: it answers. */
export async function GET(): Promise<Response> {
  return Response.json({ ok: true });
}
