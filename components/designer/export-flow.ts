/** Gives the flow file to the person, as it stands on the canvas. */
export function downloadFlow(document: { name: string }): void {
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(document, null, 2)}\n`], { type: "application/json" }));
  link.download = `${document.name}.flow.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
