import type { Metadata } from "next";
import { Invitation } from "@/components/account/invitation";
import { InvitationEnded } from "@/components/account/invitation-ended";
import { UnknownHost } from "@/components/account/unknown-host";
import { readVisitor } from "@/server/gate";
import { lookAtInvitation } from "@/server/use-cases/invitations";

export const metadata: Metadata = { title: "Invitation", referrer: "no-referrer" };

export default async function InvitationPage({ params }: { params: Promise<{ secret: string }> }) {
  const visitor = await readVisitor();
  if (visitor.is === "astray") return <UnknownHost message={visitor.message} />;
  const { secret } = await params;
  const look = await lookAtInvitation(secret);
  if (look.state !== "open") return <InvitationEnded state={look.state} />;
  return <Invitation secret={secret} look={look} signedInAs={visitor.is === "known" ? visitor.me.name : null} />;
}
