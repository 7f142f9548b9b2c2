import { useState } from "react";

/** Asks before what was typed into a dialog is lost: closing it comes in two steps then. */
export function useLeaveGuard(isDirty: boolean, onClose: () => void) {
  const [asking, setAsking] = useState(false);
  return {
    /** The question stands there. */
    asking,
    stay: () => setAsking(false),
    /** Escape, the cross, a click beside, Cancel. Escape on the question itself goes back. */
    leave: () => {
      if (asking) setAsking(false);
      else if (isDirty) setAsking(true);
      else onClose();
    },
  };
}
