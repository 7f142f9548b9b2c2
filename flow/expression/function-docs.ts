/** On what a function is called; `call` stands alone: `round(x)`. */
export type FunctionOwner = "call" | "text" | "list" | "map" | "time" | "duration" | "optional";

export interface FunctionDoc {
  readonly name: string;
  readonly on: FunctionOwner;
  /** What stands in the brackets, for people. */
  readonly takes: string;
  readonly gives: string;
  readonly doc: string;
}

const table: readonly (readonly [FunctionOwner, string, string, string, string])[] = [
  ["call", "has", "body.field", "bool", "Is the field there? False, too, when a part of the way is absent."],
  ["call", "size", "x", "int", "Length of a text, items of a list, fields of a map."],
  ["call", "string", "x", "text", "As text."],
  ["call", "int", "x", "int", "As a whole number; of a time the seconds since 1970."],
  ["call", "double", "x", "number", "As a number."],
  ["call", "bool", "x", "bool", "The text `true` or `false` as a value."],
  ["call", "bytes", "text", "bytes", "The text's UTF-8 bytes."],
  ["call", "type", "x", "text", "Its type, to compare with `int`, `double`, `string`, `bool`, `list`, `map`."],
  ["call", "dyn", "x", "any", "The same value, its type unchecked before it runs."],
  ["call", "json", "x", "text", "As JSON text."],
  ["call", "round", "x, digits?", "number", "Rounded, to so many digits behind the point."],
  ["call", "floor", "x", "number", "The next whole number below."],
  ["call", "ceil", "x", "number", "The next whole number above."],
  ["call", "trunc", "x", "number", "Without what is behind the point."],
  ["call", "abs", "x", "number", "Without its sign."],
  ["call", "sqrt", "x", "number", "The square root."],
  ["call", "min", "a, b", "any", "The smaller one, of two, three or a list."],
  ["call", "max", "a, b", "any", "The larger one, of two, three or a list."],
  ["call", "math.round", "x", "number", "As `round`."],
  ["call", "math.floor", "x", "number", "As `floor`."],
  ["call", "math.ceil", "x", "number", "As `ceil`."],
  ["call", "math.trunc", "x", "number", "As `trunc`."],
  ["call", "math.abs", "x", "number", "As `abs`."],
  ["call", "math.sqrt", "x", "number", "As `sqrt`."],
  ["call", "math.least", "a, b", "any", "As `min`."],
  ["call", "math.greatest", "a, b", "any", "As `max`."],
  ["call", "matches", "text, pattern", "bool", "Does the text have the RE2 pattern? Linear time."],
  ["call", "timestamp", "x", "time", "The time of an ISO text, or of seconds since 1970."],
  ["call", "duration", "'1h30m'", "duration", "A length of time, to add to times and compare."],
  ["call", "optional.of", "x", "optional", "A value that is there."],
  ["call", "optional.none", "", "optional", "No value."],
  ["text", "contains", "part", "bool", "Is the part in it?"],
  ["text", "startsWith", "part", "bool", "Does it begin with the part?"],
  ["text", "endsWith", "part", "bool", "Does it end with the part?"],
  ["text", "matches", "pattern", "bool", "Does it have the RE2 pattern? Linear time; `^…$` for all of it."],
  ["text", "size", "", "int", "Its length."],
  ["text", "indexOf", "part", "int", "Where the part first is, from 0; -1 when nowhere."],
  ["text", "lastIndexOf", "part", "int", "Where the part last is, from 0; -1 when nowhere."],
  ["text", "charAt", "index", "text", "The sign at a place, from 0."],
  ["text", "substring", "from, to?", "text", "A part of it, from 0, without `to` up to the end."],
  ["text", "lowerAscii", "", "text", "In small letters."],
  ["text", "upperAscii", "", "text", "In capital letters."],
  ["text", "trim", "", "text", "Without space at its ends."],
  ["text", "reverse", "", "text", "Backwards."],
  ["text", "replace", "part, by", "text", "Each such part replaced."],
  ["text", "split", "separator, limit?", "list", "A list of its parts."],
  ["list", "size", "", "int", "How many items."],
  [
    "list",
    "map",
    "x, …",
    "list",
    "A list of what the expression gives for each item; with a condition before it, for those that fit.",
  ],
  ["list", "filter", "x, …", "list", "The items for which it is true."],
  ["list", "all", "x, …", "bool", "Is it true for every item?"],
  ["list", "exists", "x, …", "bool", "Is it true for any item?"],
  ["list", "exists_one", "x, …", "bool", "Is it true for exactly one item?"],
  ["list", "join", "separator?", "text", "One text of all."],
  ["list", "sum", "", "number", "All numbers added."],
  ["list", "min", "", "any", "The smallest."],
  ["list", "max", "", "any", "The largest."],
  ["list", "sort", "", "list", "In order; all numbers, or all texts."],
  ["list", "distinct", "", "list", "Each value once."],
  ["list", "reverse", "", "list", "Backwards."],
  ["list", "slice", "from, to", "list", "The items from one place to before another."],
  ["list", "flatten", "", "list", "Lists in it are replaced by their items."],
  ["map", "size", "", "int", "How many fields."],
  ["map", "all", "name, …", "bool", "Is it true for every field's name?"],
  ["map", "exists", "name, …", "bool", "Is it true for any field's name?"],
  ["map", "exists_one", "name, …", "bool", "Is it true for exactly one field's name?"],
  ["map", "filter", "name, …", "list", "The names for which it is true."],
  ["map", "map", "name, …", "list", "A list of what the expression gives for each field's name."],
  ["time", "getFullYear", "zone?", "int", "Its year, in UTC or in a zone like 'Europe/Berlin'."],
  ["time", "getMonth", "zone?", "int", "Its month, January is 0."],
  ["time", "getDate", "zone?", "int", "Its day of the month, the first is 1."],
  ["time", "getDayOfMonth", "zone?", "int", "Its day of the month, the first is 0."],
  ["time", "getDayOfWeek", "zone?", "int", "Its day of the week, Sunday is 0."],
  ["time", "getDayOfYear", "zone?", "int", "Its day of the year, the first is 0."],
  ["time", "getHours", "zone?", "int", "Its hour."],
  ["time", "getMinutes", "zone?", "int", "Its minute."],
  ["time", "getSeconds", "zone?", "int", "Its second."],
  ["time", "getMilliseconds", "zone?", "int", "Its milliseconds."],
  ["duration", "getHours", "", "int", "All of it in hours."],
  ["duration", "getMinutes", "", "int", "All of it in minutes."],
  ["duration", "getSeconds", "", "int", "All of it in seconds."],
  ["duration", "getMilliseconds", "", "int", "Its milliseconds."],
  ["optional", "orValue", "x", "any", "The value, or this one when there is none."],
  ["optional", "or", "other", "optional", "This, or the other one when there is none."],
  ["optional", "hasValue", "", "bool", "Is there a value?"],
  ["optional", "value", "", "any", "The value; a failure when there is none."],
];

/** Every function and method of the language in words: what the editor completes and what `docs/expressions.md` lists. */
export const functionDocs: readonly FunctionDoc[] = table.map(([on, name, takes, gives, doc]) => ({
  on,
  name,
  takes,
  gives,
  doc,
}));

/** `text.split(separator, limit?): list`, `round(x, digits?): number`. */
export function writeSignature({ on, name, takes, gives }: FunctionDoc): string {
  return `${on === "call" ? "" : `${on}.`}${name}(${takes}): ${gives}`;
}

/** Names of the methods, or of what stands alone: to find what was meant. */
export function listFunctionNames(method: boolean): string[] {
  const own = functionDocs.filter(({ on }) => (on === "call") !== method);
  return [...new Set(own.map(({ name }) => name))];
}
