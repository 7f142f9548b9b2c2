"use client";

import { closeBrackets } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { attributesOf, type EditorNames, showText } from "./editor-parts";

export interface JsonEditorProps extends EditorNames {
  value: string;
  onChange(value: string): void;
  readOnly: boolean;
}

const json = StreamLanguage.define({
  name: "json",
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"(?:[^"\\]|\\.)*"(?=\s*:)/)) return "propertyName";
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/)) return "number";
    if (stream.match(/^(?:true|false|null)\b/)) return "keyword";
    stream.next();
    return null;
  },
});

const colours = HighlightStyle.define([
  { tag: tags.string, color: "var(--ok)" },
  { tag: tags.number, color: "var(--call)" },
  { tag: tags.keyword, color: "var(--route)" },
  { tag: tags.propertyName, color: "var(--text)", fontWeight: "500" },
]);

const theme = EditorView.theme({
  "&": { fontFamily: "var(--font-mono)", fontSize: "12px", backgroundColor: "transparent", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "18px", overflow: "auto" },
  ".cm-content": { padding: "4px 0", caretColor: "var(--accent)", fontVariantLigatures: "none" },
  ".cm-line": { padding: "0 8px" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "none" },
});

/** The editor of JSON. Its own chunk: loaded when the first such field is shown. Tab goes on to the next field. */
export default function JsonEditor(props: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const parts = useRef({ attributes: new Compartment(), locked: new Compartment() });

  // The editor is made once; what changes afterwards is handed in below.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const { attributes, locked } = parts.current;
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: props.value,
        extensions: [
          history(),
          // Ctrl Enter belongs to the page: it tries the message.
          keymap.of([...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...historyKeymap]),
          EditorView.lineWrapping,
          bracketMatching(),
          closeBrackets(),
          json,
          syntaxHighlighting(colours),
          theme,
          attributes.of(attributesOf(props)),
          locked.of(EditorState.readOnly.of(props.readOnly)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  useEffect(() => showText(view.current, props.value), [props.value]);

  const { id, label, invalid, describedBy, readOnly } = props;
  useEffect(() => {
    const { attributes, locked } = parts.current;
    view.current?.dispatch({
      effects: [
        attributes.reconfigure(attributesOf({ id, label, invalid, describedBy })),
        locked.reconfigure(EditorState.readOnly.of(readOnly)),
      ],
    });
  }, [id, label, invalid, describedBy, readOnly]);

  return <div ref={host} />;
}
