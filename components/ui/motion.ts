/** How long a movement of a view takes; none for who asks for none. */
export const motionMs = () => (window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160);
