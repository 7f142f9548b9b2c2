/** What `npm start` and `npm test` print: one line per step, with its time. */
const colored = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint("1");
export const dim = paint("2");
export const green = paint("32");
export const yellow = paint("33");
export const red = paint("31");

let output = process.stdout;

/** Where progress goes: standard output, unless that belongs to a program's answer. */
export function printTo(stream) {
  output = stream;
}

export function print(line = "") {
  output.write(`${line}\n`);
}

/** Something that people should know and that stops nothing. */
export function warn(line) {
  print(`  ${yellow("!")} ${line}`);
}

/** An expected failure: its message says what happened and the way out, so no stack is shown. */
export class Refusal extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "Refusal";
  }
}

/**
 * Runs one step and prints it with its time when it ends. `work` gets a function to set the words that the line ends with; a step that
 * found nothing to do returns false and prints nothing.
 */
export async function step(label, work) {
  const began = performance.now();
  let note = "";
  try {
    const result = await work((text) => {
      note = text;
    });
    if (result !== false)
      print(`  ${green("✓")} ${note ? `${label}: ${note}` : label} ${dim(formatTime(performance.now() - began))}`);
    return result;
  } catch (error) {
    print(`  ${red("✗")} ${label} ${dim(formatTime(performance.now() - began))}`);
    throw error;
  }
}

export function formatTime(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Ends the process with an error: plain words for what was foreseen, the stack for what was not. */
export function fail(error) {
  process.stderr.write(`\n${red("Stopped.")} ${error instanceof Refusal ? error.message : (error?.stack ?? error)}\n`);
}
