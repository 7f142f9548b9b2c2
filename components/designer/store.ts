import { applyEdgeChanges, applyNodeChanges, type EdgeChange, type NodeChange } from "@xyflow/react";
import { createStore, type StoreApi } from "zustand/vanilla";
import { diffFlows } from "@/flow/diff";
import type { FlowDocument } from "@/flow/document";
import type { Endpoint } from "@/flow/graph";
import { keepPlaces } from "@/flow/keep-places";
import { type Merge, mergeFlows, type Side } from "@/flow/merge";
import type { Problem } from "@/flow/problems";
import { isSame, shareParts } from "@/flow/same";
import type { Semantics } from "@/flow/semantics";
import type { CasesRun, Trial } from "@/flow/trial";
import type { Way } from "../drawing/flow-drawing";
import { type CanvasEdge, type CanvasNode, toCanvas } from "./canvas-state";
import { moveNodes, type Point } from "./edit";
import { type History, pushStep, redoStep, startHistory, undoStep } from "./history";
import { rebaseHistory } from "./rebase-history";
import { type Guides, snapChanges } from "./snap";

/** How the draft stands with the server. */
export type SaveState =
  | { is: "saved" | "waiting" | "saving" }
  | { is: "failed"; message: string }
  /** Both changed the same: nothing is written until a person has chosen. */
  | { is: "conflict"; theirs: number; theirDraft: FlowDocument; updatedBy: string };

/** A draft that was saved elsewhere. */
export interface OtherDraft {
  document: FlowDocument;
  revision: number;
  by: string;
}

export interface DesignerState {
  /** The truth: what is saved, exported, deployed. */
  document: FlowDocument;
  history: History<FlowDocument>;
  /** Derived from the document, plus what is chosen and what is being dragged. */
  nodes: CanvasNode[];
  edges: CanvasEdge[];
  readOnly: boolean;
  revision: number;
  /** The document as the server has it: equal by identity when all is saved. */
  savedDocument: FlowDocument;
  save: SaveState;
  problems: readonly Problem[];
  semantics: Semantics | null;
  /** Brokers could not be asked about topics. */
  brokersUnchecked: boolean;
  /** Node ids whose settings differ from what runs. */
  changedNodes: ReadonlySet<string>;
  /** Field of the inspected node that a problem led to. */
  wantedField: string | null;
  inspectorOpen: boolean;
  inspectorTab: InspectorTab;
  /** The list of kinds at the pointer: where the new node goes, and what it is wired to. */
  quickAdd: QuickAdd | null;
  /** The menu of a node, at a place of the screen. */
  nodeMenu: { node: string; screen: Point } | null;
  /** The wire that would take in what is being dragged. */
  dropWire: string | null;
  /** Lines that what is dragged has come to stand on. */
  guides: Guides | null;
  /** Whose words are being written on the canvas: a note, or the title of a group (`groupId`). */
  writing: string | null;
  /** The search for a node is open. */
  finding: boolean;
  /** The flow's own settings are open. */
  settingUp: boolean;
  /** The node whose new wire is being chosen by keys. */
  wiring: string | null;
  /** What was asked of the flow as a whole: its dialog is open. */
  asked: Asked | null;
  /** What may be asked now, as the person's role and what runs allow. */
  askable: Readonly<Record<Asked, boolean>>;
  /** The failure of a step that is simulated. */
  simulating: Simulating | null;
  /** What is laid over the drawing: the way of what is simulated or tried. */
  way: Way | null;
  /** Whose saved edits came in since this page was opened, and of which nodes. */
  others: Readonly<Record<string, readonly string[]>>;
  /** The last message that was tried on this drawing. */
  trial: Trial | null;
  /** The source at which a message is being tried: its panel is open. */
  trying: string | null;
  /** What came of the flow's cases, as far as they were run. */
  cases: CasesState;
  /** What no case came by is marked on the drawing. */
  covering: boolean;

  /** One step that can be undone. Steps of one `group` are one: a visit to a field, arrows pressed within two seconds of each other. */
  apply(next: FlowDocument, options?: { group?: string; join?: boolean; select?: readonly string[] }): void;
  /** What follows is a step of its own, also in the same field. */
  endStep(): void;
  undo(): void;
  redo(): void;
  /** Another document altogether, a version that is restored: undo brings mine back. */
  replace(document: FlowDocument, revision: number): void;
  /** Somebody else saved: their edits come into mine, and undo goes on taking back mine alone. What collides waits for `settle`. */
  receive(other: OtherDraft): void;
  /** Ends a conflict: for each collision, by its id, whose value it is to be. */
  settle(choose: (collision: string) => Side): void;
  /** Places worked out for a file that had none: nothing to save, nothing to undo. */
  place(places: ReadonlyMap<string, Point>): void;
  changeNodes(changes: NodeChange<CanvasNode>[]): void;
  changeEdges(changes: EdgeChange<CanvasEdge>[]): void;
  select(ids: readonly string[], edgeIds?: readonly string[]): void;
  selectAll(): void;
  inspect(id: string, where?: { tab?: InspectorTab; field?: string }): void;
  set(change: Partial<Pick<DesignerState, SettableField>>): void;
}

type SettableField =
  | "revision"
  | "savedDocument"
  | "save"
  | "problems"
  | "semantics"
  | "brokersUnchecked"
  | "changedNodes"
  | "wantedField"
  | "inspectorOpen"
  | "inspectorTab"
  | "readOnly"
  | "quickAdd"
  | "nodeMenu"
  | "dropWire"
  | "guides"
  | "writing"
  | "finding"
  | "settingUp"
  | "wiring"
  | "asked"
  | "askable"
  | "simulating"
  | "way"
  | "others"
  | "trial"
  | "trying"
  | "cases"
  | "covering";

/** `of`: the document that the cases were run on. */
export interface CasesState {
  running: boolean;
  run: CasesRun | null;
  of: FlowDocument | null;
  /** Why they could not be run, in words. */
  error: string | null;
}

export type Asked = "deploy" | "start" | "stop" | "rollback";

/** Which step fails, and what its last attempt did. */
export interface Simulating {
  node: string;
  /** `none`: surely nothing. `maybe`: its answer was lost. */
  effect: "none" | "maybe";
}

export interface QuickAdd {
  /** Where the list opens, in pixels of the canvas. */
  screen: Point;
  /** Where the node comes to stand. */
  at: Point;
  /** The open end that a wire was pulled from. */
  from?: Endpoint;
  /** The input that a wire was pulled from: the new node comes before it. */
  to?: Endpoint;
  /** Asked for a wire more than for a node: the nodes that are there come first. */
  nodesFirst?: boolean;
  /** The wire that the node goes into. */
  wire?: string;
  /** The node in whose place another kind is to stand. */
  replaces?: string;
}

export type InspectorTab = "settings" | "data" | "messages" | "errors" | "notes" | "help";
export type DesignerStore = StoreApi<DesignerState>;

export function createDesignerStore(init: {
  document: FlowDocument;
  revision: number;
  readOnly?: boolean;
  now?: () => number;
  /** Steps from before the page was loaded, and what the server had of them. */
  work?: Pick<DesignerState, "history" | "savedDocument">;
}): DesignerStore {
  const now = init.now ?? Date.now;
  return createStore<DesignerState>((set, get) => {
    /** The canvas that belongs to a document, keeping what is chosen; `select` chooses anew. */
    const show = (history: History<FlowDocument>, select?: readonly string[]): Partial<DesignerState> => {
      const state = get();
      const document = history.present;
      const canvas = toCanvas(document, state);
      const change: Partial<DesignerState> = { history, document, ...canvas };
      return select ? { ...change, ...choose(canvas, select, []) } : change;
    };
    const wait = (document: FlowDocument): Pick<DesignerState, "save"> => {
      const { save, savedDocument } = get();
      if (save.is === "conflict") return { save };
      return { save: { is: document === savedDocument && save.is === "waiting" ? "saved" : "waiting" } };
    };

    const adopt = (merge: Merge, theirs: FlowDocument, { revision, by }: { revision: number; by: string }) => {
      const { history, savedDocument: base, others, nodes } = get();
      const present = isSame(merge.document, theirs) ? theirs : merge.document;
      const { nodes: renamed } = merge.renamed;
      const chosen = nodes.filter((node) => node.selected).map((node) => node.id);
      const changed = diffFlows(base, theirs).nodes.map((node) => node.id);
      set({
        ...show(
          rebaseHistory(history, base, theirs, present, merge.renamed),
          chosen.some((id) => renamed.has(id)) ? chosen.map((id) => renamed.get(id) ?? id) : undefined,
        ),
        revision,
        savedDocument: theirs,
        save: { is: present === theirs ? "saved" : "waiting" },
        others: { ...others, [by]: [...new Set([...(others[by] ?? []), ...changed])] },
      });
    };

    return {
      document: init.document,
      others: {},
      history: init.work?.history ?? startHistory(init.document),
      ...toCanvas(init.document),
      readOnly: init.readOnly ?? false,
      revision: init.revision,
      savedDocument: init.work?.savedDocument ?? init.document,
      save: { is: init.work && init.work.savedDocument !== init.document ? "waiting" : "saved" },
      problems: [],
      semantics: null,
      brokersUnchecked: false,
      changedNodes: new Set(),
      wantedField: null,
      inspectorOpen: true,
      inspectorTab: "settings",
      quickAdd: null,
      nodeMenu: null,
      dropWire: null,
      guides: null,
      writing: null,
      finding: false,
      settingUp: false,
      wiring: null,
      asked: null,
      askable: { deploy: false, start: false, stop: false, rollback: false },
      simulating: null,
      way: null,
      trial: null,
      trying: null,
      cases: { running: false, run: null, of: null, error: null },
      covering: false,

      apply(next, options = {}) {
        const { history, readOnly } = get();
        if (readOnly || next === history.present) return;
        set({
          ...show(pushStep(history, next, options.group ?? null, now(), options.join), options.select),
          ...wait(next),
        });
      },
      endStep() {
        const { history } = get();
        if (history.group !== null) set({ history: { ...history, group: null } });
      },
      undo() {
        const { history, readOnly } = get();
        const next = undoStep(history);
        if (!readOnly && next !== history) set({ ...show(next), ...wait(next.present) });
      },
      redo() {
        const { history, readOnly } = get();
        const next = redoStep(history);
        if (!readOnly && next !== history) set({ ...show(next), ...wait(next.present) });
      },
      replace(document, revision) {
        const history = pushStep(get().history, document, null, now());
        set({ ...show(history), revision, savedDocument: document, save: { is: "saved" } });
      },
      receive(other) {
        const { savedDocument: base, document, revision } = get();
        if (other.revision <= revision) return;
        // Parts that did not change keep their identity: nothing of them is drawn anew.
        const theirs = shareParts(base, keepPlaces(other.document, base));
        const merge = mergeFlows(base, document, theirs);
        if (merge.collisions.length === 0) adopt(merge, theirs, other);
        else {
          set({ save: { is: "conflict", theirs: other.revision, theirDraft: theirs, updatedBy: other.by } });
        }
      },
      settle(choose) {
        const { save, document, savedDocument } = get();
        if (save.is !== "conflict") return;
        const mine = mergeFlows(savedDocument, document, save.theirDraft);
        const chosen = mergeFlows(savedDocument, document, save.theirDraft, choose);
        adopt(mine, save.theirDraft, { revision: save.theirs, by: save.updatedBy });
        if (isSame(chosen.document, mine.document)) return;
        // What was given up is one step back.
        const present = isSame(chosen.document, save.theirDraft) ? save.theirDraft : chosen.document;
        const history = pushStep(get().history, present, null, now());
        set({ ...show(history), save: { is: present === get().savedDocument ? "saved" : "waiting" } });
      },
      place(places) {
        const { document, savedDocument, history } = get();
        const placed = moveNodes(document, places);
        const saved = savedDocument === document ? placed : savedDocument;
        set({ ...show({ ...history, present: placed }), savedDocument: saved });
      },
      changeNodes(changes) {
        const { nodes, document, readOnly } = get();
        // Deleting goes through the document; React Flow may only measure, choose and move.
        const may = changes.filter((change) => change.type !== "remove" && (!readOnly || change.type !== "position"));
        if (may.length === 0) return;
        const { changes: own, guides } = snapChanges(may, nodes);
        const moved = applyNodeChanges(own, nodes);
        const ended = own.some((change) => change.type === "position" && change.dragging === false);
        set({ nodes: moved, guides: ended ? null : guides });
        if (ended) get().apply(moveNodes(document, new Map(moved.filter(isMoved(nodes, document)).map(placeOf))));
      },
      changeEdges(changes) {
        const own = changes.filter((change) => change.type === "select");
        if (own.length > 0) set({ edges: applyEdgeChanges(own, get().edges) });
      },
      select(ids, edgeIds = []) {
        set(choose(get(), ids, edgeIds));
      },
      selectAll() {
        const { nodes, edges } = get();
        get().select(
          nodes.map((node) => node.id),
          edges.map((edge) => edge.id),
        );
      },
      inspect(id, where = {}) {
        set({
          ...choose(get(), [id], []),
          inspectorOpen: true,
          inspectorTab: where.tab ?? (where.field === undefined ? get().inspectorTab : "settings"),
          wantedField: where.field ?? null,
        });
      },
      set(change) {
        set(change);
        // A node's name says how many problems it has.
        if (change.problems) set(toCanvas(get().document, get()));
      },
    };
  });
}

function choose(
  canvas: { nodes: CanvasNode[]; edges: CanvasEdge[] },
  ids: readonly string[],
  edgeIds: readonly string[],
): Pick<DesignerState, "nodes" | "edges"> {
  const mark = <Item extends { id: string; selected?: boolean }>(items: Item[], chosen: ReadonlySet<string>): Item[] =>
    items.some((item) => (item.selected ?? false) !== chosen.has(item.id))
      ? items.map((item) =>
          (item.selected ?? false) === chosen.has(item.id) ? item : { ...item, selected: chosen.has(item.id) },
        )
      : items;
  return { nodes: mark(canvas.nodes, new Set(ids)), edges: mark(canvas.edges, new Set(edgeIds)) };
}

const placeOf = (node: CanvasNode): [string, Point] => [node.id, node.position];

/** Only what was dragged is written: a drag end reports each node of the selection. */
function isMoved(before: readonly CanvasNode[], document: FlowDocument) {
  const placed = new Map(document.nodes.map((node) => [node.id, node.position]));
  const known = new Set(before.map((node) => node.id));
  return (node: CanvasNode) =>
    known.has(node.id) &&
    (node.type === "note" || placed.get(node.id)?.x !== node.position.x || placed.get(node.id)?.y !== node.position.y);
}

export const selectedNodes = (state: Pick<DesignerState, "nodes">): string[] =>
  state.nodes.filter((node) => node.selected).map((node) => node.id);

/** The one node that the inspector shows, if exactly one is chosen. */
export function inspectedNode(state: Pick<DesignerState, "nodes">): string | null {
  let found: string | null = null;
  for (const node of state.nodes) {
    if (!node.selected || node.type !== "kind") continue;
    if (found !== null) return null;
    found = node.id;
  }
  return found;
}
