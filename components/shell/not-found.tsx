import { Compass } from "lucide-react";
import { ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";

export function NotFound() {
  return (
    <div className="grid h-full place-items-center">
      <EmptyState
        icon={<Compass />}
        title="There is no page at this address"
        action={<ButtonLink href="/flows">Open flows</ButtonLink>}
      >
        It may have been renamed or deleted, or the link was cut on its way.
      </EmptyState>
    </div>
  );
}
