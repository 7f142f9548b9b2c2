/** Messages that the cases read. Each is made from its number, so that every side reads the same. */
export interface Shape {
  readonly name: string;
  /** How many of them are laid ready for each second of a round: more than the fastest side takes. */
  readonly perSecond: number;
  message(n: number): Made;
}

export interface Made {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
}

export const countries = ["AT", "CH", "DE", "ES", "FR", "IT", "NL", "PL"];

/** One in a hundred, told by key, by header and by body alike. */
const isRare = (n: number) => n % 100 === 7;

/** An order of so many bytes. Half of them have more than four pieces; an eighth comes from each country. */
function makeOrder(n: number, bytes: number): Made {
  const customer = `c-${String(n % 10_000).padStart(4, "0")}`;
  const kind = isRare(n) ? "rare" : "usual";
  const order = {
    n,
    customer,
    country: countries[n % 8],
    price: 12.5 + (n % 90),
    quantity: 1 + (n % 8),
    kind,
    pad: "",
  };
  const missing = bytes - JSON.stringify(order).length;
  return { key: customer, value: JSON.stringify({ ...order, pad: "x".repeat(missing) }), headers: { kind } };
}

export const orders: Shape = { name: "orders", perSecond: 600_000, message: (n) => makeOrder(n, 200) };
export const orders1k: Shape = { name: "orders-1k", perSecond: 150_000, message: (n) => makeOrder(n, 1_000) };
export const orders10k: Shape = { name: "orders-10k", perSecond: 25_000, message: (n) => makeOrder(n, 10_000) };

/** 200 bytes that hold a list of ten. */
export const baskets: Shape = {
  name: "baskets",
  perSecond: 80_000,
  message(n) {
    const lines = Array.from({ length: 10 }, (_, line) => ({ sku: String.fromCharCode(97 + ((n + line) % 26)) }));
    const basket = { n, lines, pad: "" };
    const missing = 200 - JSON.stringify(basket).length;
    return {
      key: `c-${n % 10_000}`,
      value: JSON.stringify({ ...basket, pad: "x".repeat(missing) }),
      headers: { kind: "usual" },
    };
  },
};

export const shapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  [orders, orders1k, orders10k, baskets].map((shape) => [shape.name, shape]),
);
