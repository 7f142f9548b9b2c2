"use client";

import { useState } from "react";
import type { SagaAction, SagaView } from "@/server/saga-views";
import { KindChip } from "../drawing/kind-chip";
import { findKind } from "../drawing/kinds";
import { HeadersTable } from "../payload/headers-table";
import { nodeOf, titleOf } from "../runs/run-titles";
import { SettingsThen } from "../runs/settings-then";
import { wordsOfSagaVisit, wordsOfUndo } from "../ui/state-words";
import { TabPanel, Tabs } from "../ui/tabs";
import { Tag } from "../ui/tag";
import { SagaData } from "./saga-data";
import type { SagaPlace } from "./saga-place";
import { StepActions } from "./step-actions";
import { StepDetail } from "./step-detail";

type Tab = "step" | "data" | "headers" | "settings";

/** The node that is looked at: what can be done, its attempts with what was asked and answered; the saga's data. */
export function SagaPanel({
  saga,
  place,
  busy,
  onSelect,
  onAct,
}: {
  saga: SagaView;
  place: SagaPlace;
  busy: boolean;
  onSelect(place: SagaPlace): void;
  onAct(action: SagaAction, node: string): void;
}) {
  const [tab, setTab] = useState<Tab>("step");
  const node = nodeOf(saga.document, place.node);
  const kind = node ? findKind(node.kind) : undefined;
  const visit = saga.state.visits.find((each) => each.node === place.node);
  const stands = visit ? wordsOfSagaVisit(visit.state, visit.asks !== undefined) : null;
  const headers = Object.entries(saga.state.headers);
  return (
    <aside aria-label="Step" className="flex min-h-0 flex-col overflow-hidden border-l bg-surface">
      <div className="flex items-center gap-2.5 px-4 py-3">
        <KindChip kind={kind} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-14 font-semibold">{titleOf(saga.document, place.node)}</h2>
          <p className="truncate text-12 text-muted">{kind?.label ?? node?.kind ?? "No longer in the drawing"}</p>
        </div>
        {visit && stands ? (
          <span className="flex flex-wrap justify-end gap-1">
            <Tag tone={stands.tone}>{stands.words}</Tag>
            {visit.undo ? (
              <Tag tone={wordsOfUndo(visit.undo.state).tone}>{wordsOfUndo(visit.undo.state).words}</Tag>
            ) : null}
          </span>
        ) : place.node === saga.start ? null : (
          <Tag>Not reached</Tag>
        )}
      </div>
      <StepActions saga={saga} node={place.node} busy={busy} onAct={onAct} />
      <Tabs<Tab>
        label="Step"
        value={tab}
        onValueChange={setTab}
        className="min-h-0 flex-1"
        tabs={[
          { value: "step", label: "Step" },
          { value: "data", label: "Data" },
          { value: "headers", label: "Headers", count: headers.length },
          { value: "settings", label: "Settings then" },
        ]}
      >
        <TabPanel value="step">
          <StepDetail saga={saga} visit={visit} place={place} onSelect={onSelect} />
        </TabPanel>
        <TabPanel value="data" className="px-4 py-3">
          <SagaData saga={saga} />
        </TabPanel>
        <TabPanel value="headers" className="p-4">
          <HeadersTable headers={headers} />
        </TabPanel>
        <TabPanel value="settings" className="p-4">
          <SettingsThen node={node} kind={kind} version={saga.version} />
        </TabPanel>
      </Tabs>
    </aside>
  );
}
