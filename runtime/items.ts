import type { Message } from "../flow/message";

/** One message at one node, and how it came there: enough to name it again and to draw its way. */
export interface Item {
  readonly message: Message;
  /** Index of the source message that it was made from. */
  readonly origin: number;
  /** What it was made from. A step that hands its message on to one node hands its item on as well. */
  readonly parent: Item | null;
  /** Which of several deliveries of its parent; -1 for the only one. */
  readonly branch: number;
}

/** The messages of a flight at one node, in their order. */
export interface Items {
  readonly messages: readonly Message[];
  at(index: number): Item;
  /** Index of the source message, without making an item. */
  originOf(index: number): number;
  /** -1 when it is not among them. */
  indexOf(item: Item): number;
}

/** As they came from their source. An item is made where one is asked for: what is dropped, or written as it came, needs none. */
export class EnteredItems implements Items {
  #made: (Item | undefined)[] | undefined;

  constructor(
    readonly messages: readonly Message[],
    readonly branch: number,
  ) {}

  at(index: number): Item {
    this.#made ??= new Array(this.messages.length);
    let item = this.#made[index];
    if (item === undefined) {
      item = { message: this.messages[index]!, origin: index, parent: null, branch: this.branch };
      this.#made[index] = item;
    }
    return item;
  }

  originOf(index: number): number {
    return index;
  }

  indexOf(item: Item): number {
    return this.#made?.[item.origin] === item ? item.origin : -1;
  }
}

/** As other nodes handed them on. */
export class RoutedItems implements Items {
  readonly messages: Message[] = [];
  readonly #items: Item[] = [];

  constructor(items: Iterable<Item> = []) {
    for (const item of items) this.push(item);
  }

  push(item: Item): void {
    this.#items.push(item);
    this.messages.push(item.message);
  }

  at(index: number): Item {
    return this.#items[index]!;
  }

  originOf(index: number): number {
    return this.#items[index]!.origin;
  }

  indexOf(item: Item): number {
    return this.#items.indexOf(item);
  }
}

export function listItems(items: Items): Item[] {
  return items.messages.map((_, index) => items.at(index));
}

/** Those at some places among them. */
export function chooseItems(items: Items, indexes: readonly number[]): Items {
  return new RoutedItems(indexes.map((index) => items.at(index)));
}

/** The way through splits and fan-outs, `.1.0`: the same again when the same message is worked again. */
export function writePart(item: Item): string {
  let part = "";
  for (let at: Item | null = item; at; at = at.parent) if (at.branch >= 0) part = `.${at.branch}${part}`;
  return part;
}
