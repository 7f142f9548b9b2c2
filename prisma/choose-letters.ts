import type { Prisma, PrismaClient, Redrive } from "./generated/client";
import { compileSelection, type LetterPage, readPage } from "./letter-pages";

/**
 * Chooses the next letters of a planned redrive: they are `queued` and its own from then on. One step is one transaction, so it may be
 * taken by whoever comes, web process or worker, and goes on after a crash where it stood. Nothing is sent before all are chosen: when
 * the edit fails on one of them, none is.
 * @returns whether there is more to choose
 */
export async function chooseNext(prisma: PrismaClient, id: string): Promise<boolean> {
  const redrive = await prisma.redrive.findUnique({ where: { id } });
  if (redrive?.state !== "planned" || redrive.chosen) return false;
  const { chosenToAt, chosenToId } = redrive;
  const cursor = chosenToAt && chosenToId ? { at: chosenToAt, id: chosenToId } : null;
  const page = await readPage(prisma, redrive, compileSelection(redrive), cursor);
  return prisma.$transaction((tx) => takePage(tx, redrive, page), { timeout: 60_000 });
}

async function takePage(tx: Prisma.TransactionClient, redrive: Redrive, page: LetterPage): Promise<boolean> {
  const { id, target } = redrive;
  const [broken] = page.editFails;
  const { next } = page;
  // The cursor is the lock: who comes second with the same page changes nothing.
  const { count } = await tx.redrive.updateMany({
    where: { id, state: "planned", chosen: false, chosenToId: redrive.chosenToId },
    data: {
      ...(next ? { chosenToAt: next.at, chosenToId: next.id } : { chosen: true }),
      skipped: { increment: page.skipped.length },
      ...(page.skipped[0] && redrive.skippedWords === null ? { skippedWords: page.skipped[0].words } : {}),
    },
  });
  if (count === 0) return true;
  if (broken) {
    await stopRedrive(tx, id, `The edit fails on the dead letter ${broken.id}, so none was sent: ${broken.words}`);
    return false;
  }
  const taken = await tx.deadLetter.updateMany({
    where: { id: { in: [...page.fits] }, state: "waiting" },
    data: { state: "queued", target, redriveId: id, claimedBy: null, claimedAt: null, reason: null },
  });
  await tx.redrive.update({
    where: { id },
    data: { asked: { increment: taken.count }, ...(next ? {} : { state: "running" }) },
  });
  return next !== null;
}

/** Ends a redrive: what was not sent yet waits again. What is on its way ends as it ends. */
export async function stopRedrive(tx: Prisma.TransactionClient, id: string, reason: string | null): Promise<boolean> {
  const { count } = await tx.redrive.updateMany({
    where: { id, state: { in: ["planned", "running", "paused"] } },
    data: { state: "stopped", reason, endedAt: new Date() },
  });
  if (count === 0) return false;
  await tx.deadLetter.updateMany({ where: { redriveId: id, state: "queued" }, data: { state: "waiting" } });
  return true;
}
