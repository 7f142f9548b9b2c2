/** Where the chosen theme is kept in the browser. */
export const themeStorageKey = "millrace.theme";

/** Runs before the first paint, so that a chosen theme does not flash. Text, as it stands in the page's head. */
export const themeScript = `try{var t=localStorage.getItem(${JSON.stringify(themeStorageKey)});if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch(e){}`;
