import type { ASTNode } from "@marcbachmann/cel-js";
import { spend } from "./budget";
import { type Compiled, frame, type Run, requireBool, type Site, shorten } from "./compiled";
import { ExpressionError, isOutvotable, type Range } from "./errors";
import { listNames, nameType, Optional, typeOf } from "./values";

/** What a swallowed error cost to make, in units. */
const errorCost = 200;

/** `has(body.a.b)`: is it there? A part of the way that is absent is no error. */
export function compileHas(site: Site, node: ASTNode, argument: ASTNode | undefined): Compiled {
  const part = argument && site.compile(argument);
  if (!part?.lenient || (argument?.op !== "." && argument?.op !== "[]")) {
    throw new ExpressionError("expression-type", "`has()` asks for a field: `has(body.total)`.", {
      from: node.start,
      to: node.end,
    });
  }
  const read = part.lenient;
  return { ...frame(site, node, [part]), type: "bool", run: (scope, locals) => read(scope, locals) !== undefined };
}

/** `a && b`, `a || b`: a part that fails is outvoted when the other one decides, as CEL has it. */
export function compileLogic(site: Site, node: ASTNode, op: "&&" | "||", parts: readonly [ASTNode, ASTNode]): Compiled {
  const [a, b] = [site.compile(parts[0]), site.compile(parts[1])];
  const left = requireBool(a, `Each side of \`${op}\``);
  const right = requireBool(b, `Each side of \`${op}\``);
  const deciding = op === "||";
  return {
    ...frame(site, node, [a, b]),
    type: "bool",
    run: (scope, locals) => {
      let first: unknown;
      try {
        first = left(scope, locals);
      } catch (error) {
        if (!isOutvotable(error)) throw error;
        spend(errorCost);
        if (tryRun(right, scope, locals) === deciding) return deciding;
        throw error;
      }
      return first === deciding ? deciding : right(scope, locals);
    },
  };
}

function tryRun(run: Run, scope: Readonly<Record<string, unknown>>, locals: unknown[]): unknown {
  try {
    return run(scope, locals);
  } catch (error) {
    if (!isOutvotable(error)) throw error;
    return undefined;
  }
}

const macroArity: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  map: [2, 3],
  filter: [2],
};

export function isMacro(name: string, argumentCount: number): boolean {
  return macroArity[name]?.includes(argumentCount) ?? false;
}

/** `list.all(item, …)` and its kin. Each item is paid for with the weight of what is done to it. */
export function compileMacro(
  site: Site,
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
): Compiled {
  const list = site.compile(receiver);
  if (!["dyn", "list", "map"].includes(list.type)) throw notIterable(name, list.type, list);
  const item = args[0]?.op === "id" ? (args[0].args as string) : undefined;
  if (item === undefined) {
    const message = `The first argument of \`${name}\` must be a name for the item: \`list.${name}(item, …)\`.`;
    throw new ExpressionError("expression-syntax", message, { from: node.start, to: node.end });
  }
  const itemsOf = (value: unknown): readonly unknown[] => {
    if (Array.isArray(value)) return value;
    if (typeOf(value) !== "map" || value === undefined) throw notIterable(name, typeOf(value), list);
    return listNames(value as object);
  };
  return site.compileWith(item, (slot) => {
    const parts = args.slice(1).map((arg) => site.compile(arg));
    const common = frame(site, node, [list, ...parts]);
    const cost = parts.reduce((sum, part) => sum + part.weight, 1);
    const walk = (scope: Readonly<Record<string, unknown>>, locals: unknown[], visit: (item: unknown) => boolean) => {
      for (const each of itemsOf(list.run(scope, locals))) {
        spend(cost);
        locals[slot] = each;
        if (!visit(each)) return;
      }
    };
    const [first, second] = parts as [Compiled, Compiled?];
    if (name === "map") return { ...common, type: "list", run: compileMap(walk, first, second) };
    const test = requireBool(first, `What \`${name}\` asks of each item`);
    if (name === "filter") return { ...common, type: "list", run: compileFilter(walk, test) };
    return { ...common, type: "bool", run: compileQuantifier(walk, name, test) };
  });
}

type Walk = (scope: Readonly<Record<string, unknown>>, locals: unknown[], visit: (item: unknown) => boolean) => void;

function compileMap(walk: Walk, first: Compiled, second: Compiled | undefined): Run {
  const test = second ? requireBool(first, "The condition of `map`") : undefined;
  const make = (second ?? first).run;
  return (scope, locals) => {
    const made: unknown[] = [];
    walk(scope, locals, () => {
      if (!test || test(scope, locals) === true) made.push(make(scope, locals));
      return true;
    });
    return made;
  };
}

function compileFilter(walk: Walk, test: Run): Run {
  return (scope, locals) => {
    const kept: unknown[] = [];
    walk(scope, locals, (item) => {
      if (test(scope, locals) === true) kept.push(item);
      return true;
    });
    return kept;
  };
}

/** `all`, `exists`: an item that fails counts only when no other item decides. `exists_one` looks at every item. */
function compileQuantifier(walk: Walk, name: string, test: Run): Run {
  if (name === "exists_one") {
    return (scope, locals) => {
      let count = 0;
      walk(scope, locals, () => {
        if (test(scope, locals) === true) count++;
        return count < 2;
      });
      return count === 1;
    };
  }
  const deciding = name === "exists";
  return (scope, locals) => {
    let decided = false;
    let failure: unknown;
    walk(scope, locals, () => {
      try {
        decided = test(scope, locals) === deciding;
      } catch (error) {
        if (!isOutvotable(error)) throw error;
        spend(errorCost);
        failure ??= error;
      }
      return !decided;
    });
    if (!decided && failure !== undefined) throw failure;
    return decided ? deciding : !deciding;
  };
}

function notIterable(name: string, type: Parameters<typeof nameType>[0], list: Compiled): ExpressionError {
  const message = `\`${name}\` goes through a list or a map; \`${shorten(list.source)}\` is ${nameType(type)}.`;
  return new ExpressionError("expression-type", message, list.range);
}

/** `orValue`, `or`, `hasValue`, `value` of what `.?` gives. */
export function compileOptionalCall(
  site: Site,
  node: ASTNode,
  name: string,
  receiver: Compiled,
  args: readonly ASTNode[],
): Compiled {
  const other = args[0] && site.compile(args[0]);
  const common = frame(site, node, other ? [receiver, other] : [receiver]);
  const read: (scope: Readonly<Record<string, unknown>>, locals: unknown[]) => Optional = (scope, locals) => {
    const value = receiver.run(scope, locals);
    if (value instanceof Optional) return value;
    throw notOptional(name, receiver, common.range);
  };
  if (receiver.type !== "optional" && receiver.type !== "dyn") throw notOptional(name, receiver, common.range);
  if (name === "hasValue") return { ...common, type: "bool", run: (scope, locals) => read(scope, locals).present };
  if (name === "value") {
    const message = `\`${shorten(receiver.source)}\` is absent on this message. Write \`.orValue(…)\` to give it a value.`;
    return {
      ...common,
      type: "dyn",
      run: (scope, locals) => {
        const optional = read(scope, locals);
        if (optional.present) return optional.content;
        throw new ExpressionError("expression-failed", message, common.range);
      },
    };
  }
  if (!other) throw new ExpressionError("expression-type", `\`${name}()\` needs a value.`, common.range);
  return {
    ...common,
    type: name === "or" ? "optional" : "dyn",
    run: (scope, locals) => {
      const optional = read(scope, locals);
      if (optional.present) return name === "or" ? optional : optional.content;
      return other.run(scope, locals);
    },
  };
}

function notOptional(name: string, receiver: Compiled, range: Range): ExpressionError {
  const path = shorten(receiver.source).replace(/\.(\w+)$/, ".?$1");
  return new ExpressionError(
    "expression-type",
    `\`${name}()\` belongs to an optional: write \`${path}.${name}(…)\`.`,
    range,
  );
}
