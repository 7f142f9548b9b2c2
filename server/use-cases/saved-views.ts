import "server-only";
import { type Actor, recordAudit } from "../audit";
import { can } from "../can";
import { type Db, database } from "../database";
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

/** Gives a view another name: one's own, or as an administrator another's that is shared. */
export async function renameView(actor: Actor, id: string, name: string): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const view = await findOwn(tx, actor, id, "renames");
    if (view.name === name) return;
    const { environment, page, userId } = view;
    const taken = await tx.savedView.findUnique({
      where: { environment_page_userId_name: { environment, page, userId, name } },
      select: { id: true },
    });
    if (taken) throw refusal("CONFLICT", "view-name-taken", `There is a view “${name}” already: choose another name.`);
    await tx.savedView.update({ where: { id }, data: { name } });
    if (view.shared) await recordAudit(tx, actor, "view.rename", name, { page, before: view.name });
  });
}

/** Removes a view: one's own, or as an administrator another's that is shared. */
export async function removeView(actor: Actor, id: string): Promise<void> {
  await database().prisma.$transaction(async (tx) => {
    const view = await findOwn(tx, actor, id, "removes");
    await tx.savedView.delete({ where: { id } });
    if (view.shared) await recordAudit(tx, actor, "view.remove", view.name, { page: view.page });
  });
}

/** A view that one may change. @throws TRPCError when it is another's, or there is none */
async function findOwn(db: Db, { me, environment }: Actor, id: string, does: string) {
  const view = await db.savedView.findFirst({ where: { id, environment, OR: [{ userId: me.id }, { shared: true }] } });
  if (!view) throw notFound("view", id);
  if (view.userId === me.id || me.role === "admin") return view;
  const words = `This view is another person's: who made it, or an administrator, ${does} it.`;
  throw refusal("FORBIDDEN", "view-of-another", words);
}
