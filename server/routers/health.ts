import "server-only";
import { allowed, router } from "../trpc";
import { listFailingNodes } from "../use-cases/node-history";
import { listWorkers, type Notices, readNotices } from "../use-cases/workers";
import type { FailingNode, WorkerView } from "../views";

export const healthRouter = router({
  workers: allowed("read", "worker").query(({ ctx }): Promise<WorkerView[]> => listWorkers(ctx.environment)),
  /** Nodes on which most messages fail. */
  failing: allowed("read", "worker").query(({ ctx }): Promise<FailingNode[]> => listFailingNodes(ctx.environment)),
  notices: allowed("read", "worker").query(
    async ({ ctx }): Promise<Notices> => readNotices(await listWorkers(ctx.environment)),
  ),
});
