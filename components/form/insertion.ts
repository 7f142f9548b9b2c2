import type { EditorView } from "@codemirror/view";

/** What a dragged field carries: its path in an expression, `body.address.city`. */
export const pathType = "application/x-millrace-path";

let last: { view: EditorView; holes: boolean } | null = null;

/** The expression that a person was in last: where a field of the input is written to by keys. */
export function rememberEditor(view: EditorView, holes: boolean): void {
  last = { view, holes };
}

export function forgetEditor(view: EditorView): void {
  if (last?.view === view) last = null;
}

export function pathOfDrop(event: DragEvent): string | null {
  return event.dataTransfer?.getData(pathType) || null;
}

/** Writes a path into the last expression, in place of what is chosen there. False when there is none that can be written. */
export function insertPath(path: string): boolean {
  if (!last || last.view.state.readOnly || !last.view.dom.isConnected) return false;
  writePath(last.view, path, last.holes, last.view.state.selection.main);
  return true;
}

/** In the text of a template a path gets a hole of its own. */
export function writePath(view: EditorView, path: string, holes: boolean, range: { from: number; to: number }): void {
  const before = view.state.sliceDoc(0, range.from);
  const open = before.lastIndexOf("${");
  const inHole = open >= 0 && before.indexOf("}", open) < 0;
  const text = holes && !inHole ? `\${${path}}` : path;
  view.dispatch({
    changes: { from: range.from, to: range.to, insert: text },
    selection: { anchor: range.from + text.length },
    userEvent: "input.drop",
  });
  view.focus();
}
