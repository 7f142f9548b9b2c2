/** Names this tab to the server for as long as its page is loaded; a tab that was duplicated is another one. */
export const tabId: string = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;
