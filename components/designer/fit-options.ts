/** The whole drawing with room around it for the tools, never larger than life. */
export const fitOptions = { padding: { x: "32px", top: "32px", bottom: "64px" }, maxZoom: 1 } as const;
