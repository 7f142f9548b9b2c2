import { answerMetrics } from "@/server/metrics";

export const dynamic = "force-dynamic";

/** For Prometheus. */
export async function GET(request: Request): Promise<Response> {
  return answerMetrics(request);
}
