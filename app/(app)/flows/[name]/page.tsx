import type { Metadata } from "next";
import { EditorPage } from "@/components/designer/editor-page";

export async function generateMetadata({ params }: { params: Promise<{ name: string }> }): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  return <EditorPage name={decodeURIComponent(name)} />;
}
