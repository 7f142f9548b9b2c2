import "server-only";
import { type Actor, recordAudit } from "../audit";
import { can } from "../can";
import { database } from "../database";
import { notFound, refusal } from "../refusal";
import type { SavedViewView } from "../views";

/** A person's own views of a list and those that others share, by name. */
export async function listSavedViews(actor: Actor, page: string): Promise<SavedViewView[]> {
  const rows = await database().prisma.savedView.findMany({
    where: { environment: actor.environment, page, OR: [{ userId: actor.me.id }, { shared: true }] },
    include: { user: { select: { name: true } } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return rows.map(({ id, name, query, shared, userId, user }) => ({
    id,
    name,
    query,
    shared,
    by: user.name,
    mine: userId === actor.me.id,
  }));
}

/** Keeps a filter under a name; one's own view of the same name is replaced. */
export async function saveView(
  actor: Actor,
  input: { page: string; name: string; query: string; shared: boolean },
): Promise<{ id: string }> {
  const { me, environment } = actor;
  if (input.shared && !can(me.role, "share", "view"))
    throw refusal("FORBIDDEN", "role-too-small", "Views are shared by editors; keep it for yourself.");
  const of = { environment, page: input.page, userId: me.id, name: input.name };
  return database().prisma.$transaction(async (tx) => {
    const before = await tx.savedView.findUnique({ where: { environment_page_userId_name: of } });
    const { id } = await tx.savedView.upsert({
      where: { environment_page_userId_name: of },
      create: { ...of, query: input.query, shared: input.shared },
      update: { query: input.query, shared: input.shared },
      select: { id: true },
    });
    if (before?.shared && !input.shared) await recordAudit(tx, actor, "view.remove", input.name, { page: input.page });
    if (input.shared) await recordAudit(tx, actor, "view.share", input.name, { page: input.page, query: input.query });
    return { id };
  });
}

/** Removes a view: one's own, or as an administrator another's that is shared. */
export async function removeView(actor: Actor, id: string): Promise<void> {
  const { me, environment } = actor;
  await database().prisma.$transaction(async (tx) => {
    const view = await tx.savedView.findFirst({
      where: { id, environment, OR: [{ userId: me.id }, { shared: true }] },
    });
    if (!view) throw notFound("view", id);
    if (view.userId !== me.id && me.role !== "admin")
      throw refusal(
        "FORBIDDEN",
        "view-of-another",
        "This view is another person's: who made it, or an administrator, removes it.",
      );
    await tx.savedView.delete({ where: { id } });
    if (view.shared) await recordAudit(tx, actor, "view.remove", view.name, { page: view.page });
  });
}
