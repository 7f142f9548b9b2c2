import type { AuditView } from "@/server/views";

/** Where the object of an entry is found; null when it is gone or has no page. */
export function linkOfEntry({ action, object }: Pick<AuditView, "action" | "object">): string | null {
  if (action.endsWith(".remove")) return null;
  const flow = encodeURIComponent(object.split(/[ /]/)[0] ?? "");
  switch (action.split(".")[0]) {
    case "flow":
    case "deployment":
    case "message":
    case "trial":
    case "recording":
      return `/flows/${flow}`;
    case "version":
      return `/flows/${flow}/versions`;
    case "saga":
      return `/flows/${flow}/sagas`;
    case "dead-letter":
      return /^(\d+ by id|all flows)$/.test(object) ? "/dead-letters" : `/dead-letters?flow=${flow}`;
    case "redrive":
      return `/dead-letters?flow=${flow}`;
    case "connection":
      return "/connections";
    case "topic":
    case "queue":
      return "/brokers";
    case "user":
      return "/settings?tab=users";
    case "session":
      return "/settings?tab=sessions";
    case "token":
      return "/settings?tab=tokens";
    default:
      return null;
  }
}

/** The run whose message was sent, where one was. */
export function runOfEntry({ detail }: Pick<AuditView, "detail">): string | null {
  const run = typeof detail === "object" && detail !== null && "run" in detail ? detail.run : null;
  return typeof run === "string" ? run : null;
}
