import {
  ArrowLeftRight,
  ArrowRightToLine,
  CircleHelp,
  Clock,
  Combine,
  Funnel,
  Globe,
  Hourglass,
  Inbox,
  Layers,
  ListEnd,
  ListOrdered,
  ListStart,
  type LucideIcon,
  Plug,
  ScrollText,
  Share2,
  Split,
  Timer,
  Undo2,
  Ungroup,
  UserCheck,
  Webhook,
} from "lucide-react";

/** The icons that kinds may name, by lucide's own names. Written out, so that the page carries these and not all of them. */
const icons: Readonly<Record<string, LucideIcon>> = {
  "arrow-left-right": ArrowLeftRight,
  "arrow-right-to-line": ArrowRightToLine,
  clock: Clock,
  combine: Combine,
  funnel: Funnel,
  globe: Globe,
  hourglass: Hourglass,
  inbox: Inbox,
  layers: Layers,
  "list-end": ListEnd,
  "list-ordered": ListOrdered,
  "list-start": ListStart,
  plug: Plug,
  "scroll-text": ScrollText,
  "share-2": Share2,
  split: Split,
  timer: Timer,
  "undo-2": Undo2,
  ungroup: Ungroup,
  "user-check": UserCheck,
  webhook: Webhook,
};

export function iconOf(name: string | undefined): LucideIcon {
  return (name !== undefined && icons[name]) || CircleHelp;
}
