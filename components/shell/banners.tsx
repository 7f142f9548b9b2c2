"use client";

import clsx from "clsx";
import { CircleAlert, TriangleAlert, X } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect, useState } from "react";
import { CopyButton } from "../payload/code-block";
import { useLive } from "../trpc/use-live";
import { IconButton } from "../ui/button";
import { formatTime } from "../ui/formats";

/** What keeps the whole house from working, above every page, each with the next step. */
export function Banners() {
  const noWorker = useLive((live) => live.workers !== null && !live.workers.some((worker) => worker.alive));
  const kafka = useLive((live) => live.notice?.kafka);
  const lost = useLive((live) => live.connection === "lost");
  const [kafkaHidden, setKafkaHidden] = useState(false);
  useEffect(() => {
    if (kafka === "ok") setKafkaHidden(false);
  }, [kafka]);
  return (
    <div role="status">
      {lost ? <LostBanner /> : null}
      {noWorker && !lost ? <NoWorkerBanner /> : null}
      {kafka && kafka !== "ok" && !noWorker && !kafkaHidden ? (
        <KafkaBanner state={kafka} onHide={() => setKafkaHidden(true)} />
      ) : null}
    </div>
  );
}

export function Banner({ tone, children, aside }: { tone: "warn" | "bad"; children: ReactNode; aside?: ReactNode }) {
  const Icon = tone === "bad" ? CircleAlert : TriangleAlert;
  return (
    <div
      className={clsx(
        "flex min-h-9 items-center gap-2.5 border-b px-4 py-1.5",
        tone === "bad" ? "bg-bad-soft" : "bg-warn-soft",
      )}
    >
      <Icon className={clsx("size-4 shrink-0", tone === "bad" ? "text-bad" : "text-warn")} aria-hidden />
      <p className="min-w-0 flex-1">{children}</p>
      {aside}
    </div>
  );
}

function LostBanner() {
  const at = useLive((live) => live.at);
  return (
    <Banner tone="warn">
      <b className="font-semibold">The server does not answer.</b>{" "}
      {at ? `What you see is from ${formatTime(new Date(at))}.` : "Nothing is live yet."} Flows that run in a worker go
      on; this page reconnects by itself.
    </Banner>
  );
}

function NoWorkerBanner() {
  return (
    <Banner
      tone="bad"
      aside={
        <Link href="/health" className="shrink-0 font-medium text-bad hover:underline">
          Open health
        </Link>
      }
    >
      <b className="font-semibold">No worker is running.</b> You can draw and deploy; flows run as soon as one starts:{" "}
      <span className="inline-flex items-center gap-0.5 align-middle">
        <code className="rounded-sm bg-surface px-1 font-mono text-12">npm run worker</code>
        <CopyButton text="npm run worker" label="Copy command" />
      </span>
    </Banner>
  );
}

function KafkaBanner({ state, onHide }: { state: "missing" | "unreachable"; onHide(): void }) {
  return (
    <Banner
      tone="warn"
      aside={
        <>
          <Link href="/connections" className="shrink-0 font-medium text-warn hover:underline">
            Open connections
          </Link>
          <IconButton label="Hide" size="sm" onClick={onHide}>
            <X />
          </IconButton>
        </>
      }
    >
      {state === "missing" ? (
        <>
          <b className="font-semibold">Kafka is missing.</b> Flows without Kafka run. Give the connection{" "}
          <span className="font-mono text-12">kafka</span> the address of a broker, or start with{" "}
          <code className="rounded-sm bg-surface px-1 font-mono text-12">KAFKA_BROKERS=host:9092</code>.
        </>
      ) : (
        <>
          <b className="font-semibold">Kafka cannot be reached.</b> Flows that need it wait and go on by themselves when
          it answers; no message is lost. Check the broker and its address.
        </>
      )}
    </Banner>
  );
}
