import type { Metadata } from "next";
import { ParkedPage } from "@/components/parked/parked-page";

export const metadata: Metadata = { title: "Waiting for a later try" };

export default function Parked() {
  return <ParkedPage />;
}
