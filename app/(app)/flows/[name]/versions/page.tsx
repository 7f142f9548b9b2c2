import type { Metadata } from "next";
import { VersionsPage } from "@/components/versions/versions-page";

export const metadata: Metadata = { title: "Versions" };

export default async function Versions({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  return <VersionsPage name={decodeURIComponent(name)} />;
}
