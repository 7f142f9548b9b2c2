import { AssignerProtocol, type PartitionAssigner, PartitionAssigners } from "kafkajs";
import * as z from "zod";
import { type CarriedGroup, thisProcess } from "./carried";
import { type Member, shareOut } from "./share";

/** Its members agree on what they tell: another shape of it needs another name. */
const protocolName = "millrace-even-1";
const version = 0;

const toldSchema = z.object({
  process: z.string(),
  owned: z.array(z.number()),
  since: z.number(),
  others: z.array(z.tuple([z.string(), z.number(), z.number().nullable()])),
});

/**
 * How members of the group share its partitions, the best way first. A group takes one that all of its members know: kafkajs's own
 * is there for members of an older version, until the last of them has left.
 */
export function makeAssigners(carried: CarriedGroup): PartitionAssigner[] {
  return [shareEvenly(carried), PartitionAssigners.roundRobin];
}

/** kafkajs's own gives the leftovers of every group to the same member; this one to whoever carries least, and members keep what they have. */
function shareEvenly(carried: CarriedGroup): PartitionAssigner {
  return ({ cluster }) => ({
    name: protocolName,
    version,
    protocol: ({ topics }) => ({
      name: protocolName,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: tell(carried) }),
    }),
    async assign({ members, topics }) {
      const joined = members.map(({ memberId, memberMetadata }) => readMember(memberId, memberMetadata));
      const assignments = new Map(joined.map(({ member }) => [member.id, {} as Record<string, number[]>]));
      for (const topic of topics) {
        // While a group changes its topic, members of both are in it: each gets of its own alone.
        const takers = joined.filter((each) => each.topics.includes(topic)).map(({ member }) => member);
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
        for (const [id, own] of shareOut(carried.group, partitions, takers)) assignments.get(id)![topic] = own;
      }
      return [...assignments].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

function tell(carried: CarriedGroup): Buffer {
  const { owned, since } = carried;
  const others = carried.others().map(({ group, partitions, lanes }) => [group, partitions, lanes] as const);
  return Buffer.from(JSON.stringify({ process: thisProcess, owned, since, others }));
}

/** What a member told; one that cannot be understood counts as new, and as a process of its own. */
function readMember(id: string, metadata: Buffer): { member: Member; topics: readonly string[] } {
  const { topics, userData } = AssignerProtocol.MemberMetadata.decode(metadata) ?? { topics: [], userData: null };
  const told = toldSchema.safeParse(parseJson(userData));
  if (!told.success) return { topics, member: { id, process: id, owned: [], since: 0, others: [] } };
  const { process, owned, since, others } = told.data;
  const groups = others.map(([group, partitions, lanes]) => ({ group, partitions, lanes }));
  return { topics, member: { id, process, owned, since, others: groups } };
}

function parseJson(bytes: Buffer | null): unknown {
  try {
    return JSON.parse(bytes?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}
