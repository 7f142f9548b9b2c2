/** Gives the person a file of these texts, one after another. */
export function downloadText(name: string, type: string, texts: string[]): void {
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(new Blob(texts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
