"use client";

import { acceptCompletion, autocompletion, type CompletionContext, closeBrackets } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewline } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { dropCursor, EditorView, keymap, placeholder as placeholderText } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Shape } from "@/flow/shape/shape";
import { celLanguage } from "./cel-language";
import { suggest } from "./completion";
import { attributesOf, type EditorNames, showText } from "./editor-parts";
import type { Scope } from "./environment";
import { forgetEditor, pathOfDrop, rememberEditor, writePath } from "./insertion";

export interface CodeEditorProps extends EditorNames {
  value: string;
  onChange(value: string): void;
  placeholder?: string | undefined;
  /** Text with `${…}` holes instead of one expression. */
  holes: boolean;
  scope: Scope | null;
  /** What is known of the body. */
  body: Shape;
  variables: readonly string[];
  /** Where in the text something is wrong, in characters. */
  error: { from: number; to: number; message: string; severity: "error" | "warning" } | null;
  readOnly: boolean;
  autoFocus: boolean;
}

const theme = EditorView.theme({
  "&": { fontFamily: "var(--font-mono)", fontSize: "12.5px", backgroundColor: "transparent", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "20px", overflow: "auto", maxHeight: "220px" },
  ".cm-content": { padding: "4px 0", caretColor: "var(--accent)", fontVariantLigatures: "none" },
  ".cm-line": { padding: "0 28px 0 8px" },
  ".cm-placeholder": { color: "var(--faint)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-soft)",
    outline: "none",
  },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "6px",
    backgroundColor: "var(--raised)",
    color: "var(--text)",
    boxShadow: "var(--shadow-float)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete": { marginTop: "6px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "12px", maxHeight: "200px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px", lineHeight: "18px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--hover)",
    color: "var(--text)",
  },
  ".cm-completionDetail": { color: "var(--faint)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--bad) 1px",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--warn) 1px",
    textUnderlineOffset: "3px",
  },
  ".cm-dropCursor": { borderLeft: "2px solid var(--accent)" },
  ".cm-completionInfo": {
    maxWidth: "300px",
    padding: "6px 8px",
    fontFamily: "var(--font-sans)",
    fontSize: "12px",
    lineHeight: "17px",
  },
  ".cm-diagnostic": { padding: "4px 8px", fontFamily: "var(--font-sans)", fontSize: "12px", borderLeft: "none" },
});

/** The editor of expressions and templates. Its own chunk: loaded when the first such field is shown. */
export default function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const locked = useRef(new Compartment());
  const described = useRef(new Compartment());

  // The editor is made once; what changes afterwards is handed in below.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: props.value,
        extensions: [
          Prec.high(
            keymap.of([
              { key: "Tab", run: acceptCompletion },
              // An expression is one line unless its writer wants more.
              { key: "Enter", run: (own) => acceptCompletion(own) || own.state.doc.lines === 1 },
              { key: "Shift-Enter", run: insertNewline },
            ]),
          ),
          history(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          bracketMatching(),
          dropCursor(),
          EditorView.domEventHandlers({
            focus: (_, own) => rememberEditor(own, props.holes),
            drop(event, own) {
              const path = pathOfDrop(event);
              if (path === null || own.state.readOnly) return false;
              event.preventDefault();
              const at = own.posAtCoords({ x: event.clientX, y: event.clientY }) ?? own.state.selection.main.head;
              writePath(own, path, props.holes, { from: at, to: at });
              return true;
            },
          }),
          closeBrackets(),
          autocompletion({ override: [(context) => complete(context, latest.current)], icons: false }),
          placeholderText(props.placeholder ?? ""),
          celLanguage(props.holes),
          theme,
          described.current.of(attributesOf(props)),
          locked.current.of(EditorState.readOnly.of(props.readOnly)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    if (props.autoFocus) editor.focus();
    return () => {
      forgetEditor(editor);
      editor.destroy();
    };
  }, []);

  useEffect(() => showText(view.current, props.value), [props.value]);
  useEffect(() => {
    if (props.autoFocus) view.current?.focus();
  }, [props.autoFocus]);

  const { error } = props;
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const end = editor.state.doc.length;
    const from = Math.min(error?.from ?? 0, end);
    const to = Math.min(Math.max(error?.to ?? 0, from), end);
    // A range of nothing (the end of the text) still gets a mark under its last character.
    const shown = from === to ? { from: Math.max(0, from - 1), to } : { from, to };
    editor.dispatch(
      setDiagnostics(editor.state, error ? [{ ...shown, severity: error.severity, message: error.message }] : []),
    );
  }, [error]);

  const { id, label, invalid, describedBy, readOnly } = props;
  useEffect(() => {
    view.current?.dispatch({
      effects: [
        described.current.reconfigure(attributesOf({ id, label, invalid, describedBy })),
        locked.current.reconfigure(EditorState.readOnly.of(readOnly)),
      ],
    });
  }, [id, label, invalid, describedBy, readOnly]);

  return <div ref={host} />;
}

function complete(context: CompletionContext, props: CodeEditorProps) {
  const text = context.state.sliceDoc(0, context.pos);
  const hole = props.holes ? text.lastIndexOf("${") : -2;
  // Outside of a hole a template is plain text.
  if (hole === -1 || (hole >= 0 && text.indexOf("}", hole) >= 0)) return null;
  const start = hole >= 0 ? hole + 2 : 0;
  const found = suggest(text.slice(start), props.scope, props.variables, props.body);
  if (!found || found.suggestions.length === 0) return null;
  const from = start + found.from;
  if (!context.explicit && from === context.pos && !/[.{(]$/.test(text)) return null;
  return {
    from,
    options: found.suggestions.map(({ label, kind, detail, apply, info }) => ({
      label,
      type: kind,
      ...(info === undefined ? {} : { info }),
      ...(detail === undefined ? {} : { detail }),
      ...(apply === undefined ? {} : { apply }),
    })),
    validFor: /^\w*$/,
  };
}
