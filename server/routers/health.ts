import "server-only";
import { allowed, router } from "../trpc";
import { listWorkers, type Notices, readNotices } from "../use-cases/workers";
import type { WorkerView } from "../views";

export const healthRouter = router({
  workers: allowed("read", "worker").query(({ ctx }): Promise<WorkerView[]> => listWorkers(ctx.environment)),
  notices: allowed("read", "worker").query(
    async ({ ctx }): Promise<Notices> => readNotices(await listWorkers(ctx.environment)),
  ),
});
