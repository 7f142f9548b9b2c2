import { create } from "zustand";

/** Which source a message is being written for. */
export const sendState = create<{ node: string | null }>()(() => ({ node: null }));

export function openSendDialog(node: string): void {
  sendState.setState({ node });
}

export function closeSendDialog(): void {
  sendState.setState({ node: null });
}
