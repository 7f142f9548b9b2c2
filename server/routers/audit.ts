import "server-only";
import { allowed, router } from "../trpc";
import { listAudit } from "../use-cases/audit-trail";
import type { AuditView } from "../views";
import { auditFilter } from "./inputs";

export const auditRouter = router({
  /** Who did what, the newest first; paged by key. */
  list: allowed("read", "audit")
    .input(auditFilter)
    .query(({ ctx, input }): Promise<{ items: AuditView[]; more: boolean }> => listAudit(ctx.environment, input)),
});
