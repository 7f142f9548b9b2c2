import type { AuditView } from "@/server/views";

/** Where the object of an entry is found; null when it is gone or has no page. */
export function linkOfEntry({
  action,
  object,
  detail,
}: Pick<AuditView, "action" | "object" | "detail">): string | null {
  if (action.endsWith(".remove")) return null;
  const flow = encodeURIComponent(object.split(/[ /]/)[0] ?? "");
  const redrive = readText(detail, "redrive");
  const ofRedrive = `/dead-letters?flow=${flow}${redrive === null ? "" : `&redrive=${redrive}&state=all`}`;
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
      if (redrive !== null) return ofRedrive;
      return /^(\d+ by id|all flows)$/.test(object) ? "/dead-letters" : `/dead-letters?flow=${flow}`;
    case "redrive":
      return ofRedrive;
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
  return readText(detail, "run");
}

function readText(detail: AuditView["detail"], name: string): string | null {
  const value = typeof detail === "object" && detail !== null ? (detail as Record<string, unknown>)[name] : null;
  return typeof value === "string" ? value : null;
}
