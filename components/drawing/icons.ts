import {
  ArrowLeftRight,
  ArrowRightToLine,
  CircleHelp,
  Fingerprint,
  Funnel,
  Globe,
  Layers,
  ListEnd,
  ListStart,
  type LucideIcon,
  ScrollText,
  Share2,
  Split,
  Timer,
  Ungroup,
  Webhook,
} from "lucide-react";

/** The icons that kinds may name, by lucide's own names. Written out, so that the page carries these and not all of them. */
const icons: Readonly<Record<string, LucideIcon>> = {
  "arrow-left-right": ArrowLeftRight,
  "arrow-right-to-line": ArrowRightToLine,
  fingerprint: Fingerprint,
  funnel: Funnel,
  globe: Globe,
  layers: Layers,
  "list-end": ListEnd,
  "list-start": ListStart,
  "scroll-text": ScrollText,
  "share-2": Share2,
  split: Split,
  timer: Timer,
  ungroup: Ungroup,
  webhook: Webhook,
};

export function iconOf(name: string | undefined): LucideIcon {
  return (name !== undefined && icons[name]) || CircleHelp;
}
