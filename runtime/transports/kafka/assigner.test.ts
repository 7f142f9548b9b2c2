import { AssignerProtocol, type Cluster, type GroupMember, type PartitionAssigner } from "kafkajs";
import { afterEach, expect, it } from "vitest";
import { makeAssigners } from "./assigner";
import { CarriedGroup } from "./carried";

const groups: CarriedGroup[] = [];
function carry(group: string): CarriedGroup {
  const carried = new CarriedGroup(group);
  groups.push(carried);
  return carried;
}
afterEach(() => {
  for (const group of groups.splice(0)) group.leave();
});

const partitions = (count: number) => Array.from({ length: count }, (_, partitionId) => ({ partitionId }));
const cluster = { findTopicPartitionMetadata: () => partitions(4) } as unknown as Cluster;
const open = (assigner: PartitionAssigner) => assigner({ cluster, groupId: "g", logger: undefined as never });
const ours = (carried: CarriedGroup) => open(makeAssigners(carried)[0]!);

async function assign(carried: CarriedGroup, members: GroupMember[], topics = ["orders"]) {
  const assignments = await ours(carried).assign({ members, topics });
  return Object.fromEntries(
    assignments.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment,
    ]),
  );
}

it("offers kafkajs's own way to members that do not know it", () => {
  const names = makeAssigners(carry("g")).map((assigner) => open(assigner).name);
  expect(names).toEqual(["millrace-even-1", "RoundRobinAssigner"]);
  expect(new Set(names).size).toBe(2);
});

it("tells what the process carries, and members keep what they have", async () => {
  const group = carry("g");
  const other = carry("another");
  other.partitions = 3;
  other.take([0, 1, 2]);
  group.take([1, 3]);
  const told = ours(group).protocol({ topics: ["orders"] }).metadata;
  const { userData } = AssignerProtocol.MemberMetadata.decode(told)!;
  expect(JSON.parse(userData.toString())).toMatchObject({ owned: [1, 3], others: [["another", 3, 3]] });
  other.yield();
  expect(
    ours(group)
      .protocol({ topics: ["orders"] })
      .metadata.toString(),
  ).toContain('["another",3,null]');
  const stranger = AssignerProtocol.MemberMetadata.encode({
    version: 0,
    topics: ["orders"],
    userData: Buffer.from("{not json"),
  });
  const members = [
    { memberId: "us", memberMetadata: told },
    { memberId: "a-stranger", memberMetadata: stranger },
  ];
  expect(await assign(group, members)).toEqual({ us: { orders: [1, 3] }, "a-stranger": { orders: [0, 2] } });
});

it("gives a member of another topic nothing of this one", async () => {
  const group = carry("g");
  const metadata = (topic: string) => ours(group).protocol({ topics: [topic] }).metadata;
  const members = [
    { memberId: "new", memberMetadata: metadata("orders") },
    { memberId: "old", memberMetadata: metadata("orders.before") },
  ];
  expect(await assign(group, members)).toEqual({ new: { orders: [0, 1, 2, 3] }, old: {} });
});
