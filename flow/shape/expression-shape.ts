import type { ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError, type Range } from "../expression/errors";
import { findOverloads } from "../expression/function-table";
import { readExpression } from "../expression/read";
import type { CelType } from "../expression/values";
import { closedObject, type FieldShape, mergeShapes, nameShape, optionsOf, type Shape, unknownShape } from "./shape";

/** A field that an expression reads and that surely is not there. */
export interface AbsentField {
  readonly name: string;
  /** Of what it was read: `body`, `body.address`. */
  readonly owner: string;
  /** What the owner has instead; empty where it is no object. */
  readonly known: readonly string[];
  /** What the owner is, where it is no object. */
  readonly ownerIs?: string;
  /** Of the name, in the expression's text. */
  readonly range: Range;
}

type Shapes = ReadonlyMap<string, Shape>;
const walks = ["map", "filter", "all", "exists", "exists_one"];
const sameList = ["filter", "sort", "distinct", "reverse", "slice"];

/**
 * The shape of what an expression gives, from the shapes of its variables, and the fields it reads that surely are not there. What asks
 * whether a field is there (`has`, `.?`, `[?]`) reads nothing. An expression that cannot be read is unknown.
 */
export function readExpressionShape(
  source: string,
  variables: Readonly<Record<string, Shape>>,
): { readonly shape: Shape; readonly absent: readonly AbsentField[] } {
  const absent: AbsentField[] = [];
  try {
    const shape = new Reader(source, absent).read(readExpression(source), new Map(Object.entries(variables)));
    return { shape, absent };
  } catch (error) {
    if (error instanceof ExpressionError) return { shape: unknownShape, absent: [] };
    throw error;
  }
}

class Reader {
  constructor(
    readonly source: string,
    readonly absent: AbsentField[],
  ) {}

  read(node: ASTNode, names: Shapes): Shape {
    const next = (part: ASTNode) => this.read(part, names);
    switch (node.op) {
      case "value":
        return shapeOfLiteral(node.args);
      case "id":
        return names.get(node.args) ?? unknownShape;
      case ".":
        return this.#readField(node, next(node.args[0]), node.args[0], node.args[1]);
      case "[]": {
        const [owner, index] = [next(node.args[0]), node.args[1]];
        next(index);
        if (index.op === "value" && typeof index.args === "string" && owner.is === "object")
          return this.#readField(node, owner, node.args[0], index.args);
        return owner.is === "list" ? owner.item : unknownShape;
      }
      case ".?":
      case "[?]":
        next(node.args[0]);
        return unknownShape;
      case "call":
        return this.#readCall(node.args[0], node.args[1], names);
      case "rcall":
        return this.#readMethod(node.args[0], node.args[1], node.args[2], names);
      case "list": {
        const [first = unknownShape, ...rest] = node.args.map(next);
        return { is: "list", item: rest.reduce(mergeShapes, first) };
      }
      case "map":
        return this.#readMap(node.args, names);
      case "?:": {
        next(node.args[0]);
        return mergeShapes(next(node.args[1]), next(node.args[2]));
      }
      case "!_":
        next(node.args);
        return { is: "bool" };
      case "-_":
        next(node.args);
        return { is: "number" };
      default: {
        const [a, b] = (node.args as [ASTNode, ASTNode]).map(next) as [Shape, Shape];
        return shapeOfOperator(node.op, a, b);
      }
    }
  }

  #readField(node: ASTNode, owner: Shape, ownerNode: ASTNode, name: string): Shape {
    const found: Shape[] = [];
    let maybe = false;
    for (const option of optionsOf(owner)) {
      if (option.is === "unknown") maybe = true;
      else if (option.is === "object") {
        const field = Object.hasOwn(option.fields, name) ? option.fields[name] : undefined;
        if (field) found.push(field.shape);
        else if (!option.closed) maybe = true;
      }
    }
    if (maybe || found.length > 0) return maybe ? unknownShape : found.reduce(mergeShapes);
    // Of null nothing is said: what is null today is an object tomorrow.
    if (optionsOf(owner).every(({ is }) => is === "null")) return unknownShape;
    const known = optionsOf(owner).flatMap((option) => (option.is === "object" ? Object.keys(option.fields) : []));
    const isObject = optionsOf(owner).some(({ is }) => is === "object");
    this.absent.push({
      name,
      owner: this.source.slice(ownerNode.start, ownerNode.end),
      known: [...new Set(known)],
      ...(isObject ? {} : { ownerIs: nameShape(owner) }),
      range: { from: node.op === "." ? node.end - name.length : node.start, to: node.end },
    });
    return unknownShape;
  }

  #readCall(name: string, args: readonly ASTNode[], names: Shapes): Shape {
    // `has` asks for the last field; what stands before it counts as asked, too.
    if (name === "has") return { is: "bool" };
    const shapes = args.map((each) => this.read(each, names));
    const [first = unknownShape] = shapes;
    if (name === "dyn") return first;
    if (name === "pick") return first.is === "list" ? first.item : unknownShape;
    return shapeOfResult(name, false);
  }

  #readMethod(name: string, receiver: ASTNode, args: readonly ASTNode[], names: Shapes): Shape {
    const owner = this.read(receiver, names);
    const [first] = args;
    if (walks.includes(name) && first?.op === "id") {
      const item: Shape = owner.is === "list" ? owner.item : unknownShape;
      const inner = new Map([...names, [first.args, item]]);
      const results = args.slice(1).map((each) => this.read(each, inner));
      if (name === "map") return { is: "list", item: results.at(-1) ?? unknownShape };
      if (name === "filter") return owner.is === "list" ? owner : { is: "list", item: unknownShape };
      return { is: "bool" };
    }
    for (const each of args) this.read(each, names);
    if (sameList.includes(name) && owner.is === "list") return owner;
    if ((name === "min" || name === "max") && owner.is === "list") return owner.item;
    return shapeOfResult(name, true);
  }

  #readMap(entries: readonly (readonly [ASTNode, ASTNode])[], names: Shapes): Shape {
    const fields: Record<string, FieldShape> = {};
    let closed = true;
    for (const [key, value] of entries) {
      const shape = this.read(value, names);
      if (key.op === "value" && typeof key.args === "string") fields[key.args] = { shape };
      else {
        this.read(key, names);
        closed = false;
      }
    }
    return { ...closedObject(fields), closed };
  }
}

function shapeOfLiteral(value: unknown): Shape {
  if (value === null) return { is: "null" };
  if (typeof value === "boolean") return { is: "bool" };
  if (typeof value === "string") return { is: "text" };
  if (typeof value === "number" || typeof value === "bigint") return { is: "number" };
  return unknownShape;
}

function shapeOfOperator(op: string, a: Shape, b: Shape): Shape {
  if (op === "+") {
    const isText = ({ is }: Shape) => is === "text";
    if (isText(a) || isText(b)) return { is: "text" };
    return a.is === "number" && b.is === "number"
      ? { is: "number" }
      : a.is === "list" && b.is === "list"
        ? mergeShapes(a, b)
        : unknownShape;
  }
  if (["*", "/", "%"].includes(op)) return { is: "number" };
  if (op === "-") return a.is === "number" || b.is === "number" ? { is: "number" } : unknownShape;
  return { is: "bool" };
}

const resultShapes: Partial<Record<CelType, Shape>> = {
  bool: { is: "bool" },
  int: { is: "number" },
  double: { is: "number" },
  string: { is: "text" },
  duration: { is: "text" },
  timestamp: { is: "time" },
  list: { is: "list", item: unknownShape },
  map: { is: "object", fields: {}, closed: false },
};

function shapeOfResult(name: string, method: boolean): Shape {
  const results = new Set(findOverloads(name, method)?.map(({ result }) => result));
  const [only] = results;
  return (results.size === 1 && only !== undefined && resultShapes[only]) || unknownShape;
}
