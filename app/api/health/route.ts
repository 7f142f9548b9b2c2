import { answerReadiness } from "@/server/ready";

export const dynamic = "force-dynamic";

/** For whoever starts the server: is it ready? */
export function GET(): Promise<Response> {
  return answerReadiness();
}
