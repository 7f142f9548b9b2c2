import { MapPinOff } from "lucide-react";
import { EmptyState } from "../ui/empty-state";

/** In the place of every page that is asked for under a name that the server does not know as its own. */
export function UnknownHost({ message }: { message: string }) {
  return (
    <div className="grid h-full place-items-center">
      <EmptyState icon={<MapPinOff />} title="This is not an address of this server">
        {message}
      </EmptyState>
    </div>
  );
}
