import { ButtonLink } from "../ui/button";
import { AccountCard } from "./account-card";

const words = {
  unknown: {
    title: "No such invitation",
    intro: "Check that the link was copied whole. If it was, ask an administrator for a new one.",
  },
  used: {
    title: "This invitation was used",
    intro: "It opened an account already. Sign in with the password that was chosen then.",
  },
  revoked: { title: "This invitation was withdrawn", intro: "Ask an administrator for a new one." },
  expired: { title: "This invitation has expired", intro: "Ask an administrator for a new one." },
} as const;

/** Where a link opens nothing (any more): why, and the way out. */
export function InvitationEnded({ state }: { state: keyof typeof words }) {
  return (
    <AccountCard {...words[state]}>
      <ButtonLink href="/sign-in" variant="primary" size="lg" className="w-full">
        Go to sign-in
      </ButtonLink>
    </AccountCard>
  );
}
