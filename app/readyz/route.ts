import { answerReadiness } from "@/server/ready";

export const dynamic = "force-dynamic";

/** For whoever sends requests here: can they be answered? */
export function GET(): Promise<Response> {
  return answerReadiness();
}
