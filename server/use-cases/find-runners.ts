import "server-only";
import { database } from "../database";
import { chooseRunners, findLivingWorkers, type LivingWorker } from "../worker-client";

/** The living workers that run a flow, or may: those that report it first. None when it is not to run. */
export async function findRunners(environment: string, flowId: string): Promise<LivingWorker[]> {
  const { prisma } = database();
  const [deployment, living] = await Promise.all([
    prisma.deployment.findUnique({ where: { environment_flowId: { environment, flowId } } }),
    findLivingWorkers(environment),
  ]);
  if (deployment?.desired !== "running") return [];
  const counts = await prisma.liveCount.findMany({
    where: { deploymentId: deployment.id },
    select: { workerId: true },
  });
  const reporting = new Set(counts.map((count) => count.workerId));
  return chooseRunners(living, { label: deployment.label, reporting });
}
