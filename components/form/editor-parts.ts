import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** What the editors of expressions and of JSON share. */
export interface EditorNames {
  id: string;
  label: string;
  invalid: boolean;
  describedBy?: string | undefined;
}

/** What a screen reader and a label find of an editor. */
export function attributesOf({ id, label, invalid, describedBy }: EditorNames): Extension {
  return EditorView.contentAttributes.of({
    id,
    "aria-label": label,
    "aria-invalid": String(invalid),
    ...(describedBy ? { "aria-describedby": describedBy } : {}),
  });
}

/** Shows a text that came from outside; what was typed here is there already. */
export function showText(editor: EditorView | null, text: string): void {
  if (!editor || editor.state.doc.toString() === text) return;
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
}
