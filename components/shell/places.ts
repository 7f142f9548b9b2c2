import {
  Activity,
  Cable,
  Database,
  Inbox,
  type LucideIcon,
  ScrollText,
  Settings,
  ShieldCheck,
  Waypoints,
} from "lucide-react";
import type { Role } from "@/server/views";
import { roleOrder, useMe } from "./session";

/** A page of the left rail. */
export interface Place {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Other addresses whose pages belong to it. */
  also?: readonly string[];
  /** The smallest role that may see it; absent: everyone. */
  role?: Role;
  /** For the palette: what one finds there. */
  about: string;
}

const places: readonly Place[] = [
  { href: "/flows", label: "Flows", icon: Waypoints, about: "Draw, deploy and watch" },
  {
    href: "/runs",
    label: "Runs",
    icon: Activity,
    also: ["/sagas"],
    about: "What went through, message by message, saga by saga",
  },
  { href: "/dead-letters", label: "Dead letters", icon: Inbox, about: "What could not be worked" },
  { href: "/brokers", label: "Brokers", icon: Database, about: "Topics, queues and their newest messages" },
  { href: "/connections", label: "Connections", icon: Cable, about: "Named brokers and endpoints" },
  { href: "/health", label: "Health", icon: ShieldCheck, about: "Workers and what they run" },
  { href: "/audit", label: "Audit", icon: ScrollText, role: "operator", about: "Who did what, and when" },
  { href: "/settings", label: "Settings", icon: Settings, about: "Appearance, sessions, tokens, users" },
];

/** The pages that who is signed in may see. */
export function usePlaces(): readonly Place[] {
  const { role } = useMe();
  return places.filter((place) => roleOrder.indexOf(role) >= roleOrder.indexOf(place.role ?? "viewer"));
}
