import "server-only";
import { defaultProject } from "@/flow/control";
import { listPlaces } from "@/flow/flow-places";
import { database } from "../database";
import type { NeighbourView } from "../views";
import { findFlow, readStored } from "./find-flow";

/** Flows whose drafts name a topic, queue or stream that this one's names, too: the same messages pass through both. */
export async function listNeighbours(environment: string, flowName: string): Promise<NeighbourView[]> {
  const { prisma } = database();
  const own = readStored((await findFlow(prisma, environment, flowName)).draft);
  const places = new Set(own ? listPlaces(own).map(nameOf) : []);
  if (places.size === 0) return [];
  const others = await prisma.flow.findMany({
    where: { project: defaultProject, NOT: { name: flowName } },
    select: { name: true, title: true, draft: true },
    orderBy: { title: "asc" },
  });
  return others.flatMap(({ name, title, draft }) => {
    const document = readStored(draft);
    const shared = document ? listPlaces(document).filter((place) => places.has(nameOf(place))) : [];
    if (!document || shared.length === 0) return [];
    const masked = document.settings?.masked ?? [];
    return [{ flow: name, title, places: [...new Set(shared.map((place) => place.name))], masked }];
  });
}

const nameOf = ({ connection, type, name }: { connection: string; type: string; name: string }) =>
  JSON.stringify([connection, type, name]);
