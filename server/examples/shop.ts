import "server-only";
import { type Deed, type ShopAnswer, ShopService, type Trade } from "./shop-service";
import {
  calm,
  isPath,
  isService,
  isTroubled,
  readSwitches,
  type ServiceName,
  type Side,
  type Switches,
  serviceNames,
  type Trouble,
} from "./shop-troubles";

const trades: Record<ServiceName, Trade> = {
  stock: {
    name: "stock",
    words: { do: "reserve", done: "reserved", undo: "release", undone: "released" },
    unit: "pieces",
    receipt: "r",
  },
  card: {
    name: "card",
    words: { do: "charge", done: "charged", undo: "refund", undone: "refunded" },
    unit: "cents",
    receipt: "p",
  },
  carrier: {
    name: "carrier",
    words: { do: "book", done: "booked", undo: "cancel", undone: "cancelled" },
    unit: "parcels",
    receipt: "t",
  },
};
/** A compensation carries the key of its action with this behind it. */
const undoSuffix = ".undo";
const unevenShown = 100;

export interface ShopRequest {
  /** `stock/reserve` */
  readonly path: string;
  /** `Idempotency-Key`. */
  readonly key: string | null;
  readonly body: unknown;
}

export interface ShopReaction {
  readonly answer: ShopAnswer;
  /** The answer is to come so much later. */
  readonly afterMs: number;
  /** Webhook that gets the same answer once more. */
  readonly againTo: string | null;
}

/**
 * The services of the example *Place order*: stock, card and carrier. All in memory, bounded, and forgotten with the process; what the books
 * add up is exact all the same.
 */
export class Shop {
  switches: Switches = calm;
  readonly #services: Record<ServiceName, ShopService>;
  /** How an order stands at each service: 1 where something was done for it and not undone. */
  readonly #orders = new Map<string, Partial<Record<ServiceName, number>>>();
  /** Troubles that come once, by service, side and key. */
  readonly #had = new Set<string>();

  constructor(readonly maxRemembered = 100_000) {
    const open = (name: ServiceName) =>
      new ShopService(trades[name], maxRemembered, (order, difference) => this.#stand(name, order, difference));
    this.#services = { stock: open("stock"), card: open("card"), carrier: open("carrier") };
  }

  perform({ path, key, body }: ShopRequest): ShopReaction {
    const [service, word] = path.split("/");
    if (!isService(service))
      return refuse(404, `There is no service ${service}. There are: ${serviceNames.join(", ")}.`);
    const { words } = trades[service];
    if (word !== words.do && word !== words.undo)
      return refuse(404, `${service} can ${words.do} and ${words.undo}, not ${word}.`);
    if (!key) return refuse(400, "Send an Idempotency-Key, so that a request is known when it comes again.");
    const side: Side = word === words.do ? "do" : "undo";
    const asked = readAsked(service, side, body);
    if (typeof asked === "string") return refuse(400, asked);

    const has = (trouble: Trouble) => isTroubled(this.switches, { service, side, key, words: asked.trouble }, trouble);
    const isFirst = (trouble: Trouble) => has(trouble) && this.#isFirst(`${service} ${side} ${trouble} ${key}`);
    if (has("refuse")) return refuse(422, `${service} does not ${word} this.`);
    if (has("broken")) return refuse(500, `${service} is out of order.`);
    if (isFirst("fail")) return refuse(500, `${service} stumbled and did nothing. Try again.`);
    const own = this.#services[service];
    const actionKey = side === "undo" && key.endsWith(undoSuffix) ? key.slice(0, -undoSuffix.length) : key;
    const answer = side === "do" ? own.do(actionKey, asked.deed) : own.undo(actionKey, asked.deed.order);
    if (isFirst("lost")) return refuse(500, `The answer of ${service} was lost.`);
    return {
      answer,
      afterMs: isFirst("slow") ? this.switches.slowMs : 0,
      againTo: has("twice") ? (asked.answerTo ?? this.switches.answerTo) : null,
    };
  }

  /** Flips switches. A text says what cannot be read. */
  flip(given: unknown): Switches | string {
    const switches = readSwitches(this.switches, given);
    if (typeof switches !== "string") this.switches = switches;
    return switches;
  }

  readBooks(): Record<string, unknown> {
    const services = serviceNames.map((name) => [name, this.#services[name].readBooks()]);
    const uneven = [...this.#orders].filter(([, standing]) => {
      const counts = serviceNames.map((name) => standing[name] ?? 0);
      return counts.some((count) => count !== counts[0] || count < 0 || count > 1);
    });
    return {
      ...Object.fromEntries(services),
      orders: this.#orders.size,
      uneven: uneven.length,
      unevenOrders: Object.fromEntries(uneven.slice(0, unevenShown)),
    };
  }

  readOrder(order: string): Partial<Record<ServiceName, number>> {
    return this.#orders.get(order) ?? {};
  }

  #stand(service: ServiceName, order: string, difference: 1 | -1): void {
    const standing = this.#orders.get(order) ?? {};
    if (!this.#orders.has(order) && this.#orders.size >= this.maxRemembered) {
      const oldest = this.#orders.keys().next();
      if (!oldest.done) this.#orders.delete(oldest.value);
    }
    this.#orders.set(order, { ...standing, [service]: (standing[service] ?? 0) + difference });
  }

  #isFirst(what: string): boolean {
    if (this.#had.has(what)) return false;
    if (this.#had.size >= this.maxRemembered) this.#had.clear();
    this.#had.add(what);
    return true;
  }
}

interface Asked {
  readonly deed: Deed;
  readonly trouble: string;
  readonly answerTo: string | null;
}

/** A text says what is missing. */
function readAsked(service: ServiceName, side: Side, body: unknown): Asked | string {
  if (typeof body !== "object" || body === null) return "The body is a JSON object.";
  const { order, pieces, amount, trouble, answerTo } = body as Record<string, unknown>;
  if (typeof order !== "string" || order === "" || order.length > 200) return "order is the id of an order.";
  const size = side === "undo" || service === "carrier" ? 1 : service === "stock" ? pieces : amount;
  if (typeof size !== "number" || !(size >= 0 && size <= 1_000_000))
    return service === "stock" ? "pieces is how many are to be reserved." : "amount is what is to be charged.";
  if (service === "stock" && !Number.isInteger(size)) return "pieces is a whole number.";
  return {
    deed: { order, size: service === "card" ? Math.round(size * 100) : size },
    trouble: typeof trouble === "string" ? trouble : "",
    answerTo: isPath(answerTo) ? answerTo : null,
  };
}

function refuse(status: number, error: string): ShopReaction {
  return { answer: { status, body: { error } }, afterMs: 0, againTo: null };
}
