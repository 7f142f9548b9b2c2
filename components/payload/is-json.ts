/** Whether a text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Said before a body that is not JSON is sent where JSON is read; it may be sent like that. */
export const notJsonWarning =
  "This is not JSON. It can be sent like that: it goes to the dead letters, and what is behind it goes on.";
