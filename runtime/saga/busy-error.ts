/** Others changed the saga again and again. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}
