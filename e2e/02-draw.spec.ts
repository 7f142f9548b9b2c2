/** A flow drawn by hand: palette, wires, forms, deploy; then changed, rolled back, stopped. And the keys of the editor. */
import { expect, makeMark, report, signIn, test } from "./app";
import {
  askToDeploy,
  chooseNode,
  countOnWire,
  createFlow,
  deploy,
  dragKind,
  expressionField,
  inspector,
  nodeCard,
  openFlow,
  pickFromDeployMenu,
  waitUntilRunning,
  waitUntilSaved,
  wire,
  writeExpression,
} from "./drawing";
import { createTopic, describeTopics, produce, type Read, readTopic } from "./services";

test.describe.configure({ mode: "serial" });

const mark = makeMark(import.meta.url, "serial");
const [from, to] = [`walk.${mark}.in`, `walk.${mark}.out`];
let name = "";

/** Ids `first` … of as many orders; each second one is worth more than 10. */
function makeOrders(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const id = first + index;
    return { key: `k-${id % 5}`, value: JSON.stringify({ id: `w-${id}`, amount: id % 2 === 0 ? 5 : 25 }) };
  });
}

const idsOf = (read: readonly Read[]) =>
  new Set(read.map(({ value }) => (JSON.parse(value ?? "{}") as { id: string }).id));

test("a flow is drawn by hand, deployed from the beginning, watched, and there after a reload", async ({ page }) => {
  await createTopic(from);
  await produce(from, makeOrders(0, 20));
  await signIn(page);
  name = await createFlow(page, `Walk ${mark}`);
  await expect(page.getByText("Begin with a source")).toBeVisible();

  await test.step("drag, click, wire", async () => {
    await dragKind(page, "kafka-source", { x: 0.12, y: 0.35 });
    await expect(nodeCard(page, "kafka-topic")).toBeVisible();
    // A click in the palette puts the node behind the chosen one, wired.
    await page.locator('nav[aria-label=Palette] [data-kind="filter"]').click();
    await expect(page.locator('[data-edge-id="kafka-topic>filter"]')).toBeAttached();
    await dragKind(page, "kafka-sink", { x: 0.4, y: 0.75 });
    await wire(page, "filter.pass", "kafka-topic-2");
  });

  await test.step("what is missing stands at the nodes", async () => {
    await expect(nodeCard(page, "kafka-topic")).toHaveAttribute("data-invalid", "true");
    await expect(nodeCard(page, "filter")).toHaveAttribute("data-invalid", "true");
    await expect(page.getByTestId("problems")).toContainText(/\d problems/);
  });

  await test.step("the topic field lists what the broker has, and its last messages", async () => {
    await chooseNode(page, "kafka-topic");
    const topic = inspector(page).getByRole("combobox", { name: "Topic" });
    await topic.click();
    const topics = page.getByRole("listbox", { name: "Topics" });
    await expect(topics.getByRole("option", { name: "orders.de" })).toContainText("4 partitions");
    await topic.fill(`walk.${mark}`);
    await expect(topics.getByRole("option")).toHaveCount(1);
    await topics.getByRole("option", { name: from }).click();
    await expect(topic).toHaveValue(from);
    await inspector(page)
      .getByRole("button", { name: /^Last messages/ })
      .click();
    const newest = inspector(page).getByRole("list", { name: `Last messages of ${from}` });
    await expect(newest.getByRole("button")).toHaveCount(10);
    await newest.getByRole("button").first().click();
    await expect(newest).toContainText('"amount": ');
    await expect(nodeCard(page, "kafka-topic")).not.toHaveAttribute("data-invalid");
  });

  await test.step("an expression shows its result on the newest message, and its mistakes as one types", async () => {
    await chooseNode(page, "filter");
    await writeExpression(page, "Pass when", "body.amount * 2 > 15 +");
    await expect(expressionField(page, "Pass when").locator(".cm-lintRange-error")).toBeVisible();
    await expect(nodeCard(page, "filter").locator(".node-words-bad")).toBeVisible();
    await writeExpression(page, "Pass when", "body.amount > 10");
    await expect(inspector(page).getByTestId("expression-result")).toContainText(/true|false/);
    await expect(nodeCard(page, "filter")).not.toHaveAttribute("data-invalid");
  });

  await test.step("a node goes into a wire", async () => {
    const insert = page.getByRole("button", { name: "Insert a node into the wire from filter.pass to kafka-topic-2" });
    await insert.hover();
    await insert.click();
    await page.getByRole("dialog", { name: "Add a node" }).getByRole("combobox").fill("map");
    await page.keyboard.press("Enter");
    await expect(page.locator('[data-edge-id="filter.pass>map"]')).toBeAttached();
    await expect(page.locator('[data-edge-id="map>kafka-topic-2"]')).toBeAttached();
    await chooseNode(page, "map");
    await inspector(page).getByRole("button", { name: "Set a field" }).click();
    await inspector(page).getByLabel("Field 1").fill("double");
    await writeExpression(page, "Value of double", "body.amount * 2");
    await expect(inspector(page).getByTestId("expression-result")).toContainText(/10|50/);
  });

  await test.step("a topic that is not there is made", async () => {
    await chooseNode(page, "kafka-topic-2");
    await inspector(page).getByRole("combobox", { name: "Topic" }).fill(to);
    await expect(inspector(page)).toContainText(`The broker has no topic ${to}`);
    await inspector(page).getByRole("button", { name: "Create topic" }).click();
    await expect(page.getByText(`Topic ${to} was created`)).toBeVisible();
    expect(await describeTopics([to])).toEqual({ [to]: 4 });
    await expect(page.getByRole("button", { name: "No problems" })).toBeVisible();
  });

  await test.step("Deploy asks where to begin", async () => {
    await waitUntilSaved(page);
    const dialog = await askToDeploy(page);
    await expect(dialog).toContainText("The first version begins to run, with 4 nodes.");
    for (const choice of ["As the sources say", "From the beginning", "From now", "From a time"]) {
      await expect(dialog.getByRole("radio", { name: choice })).toBeVisible();
    }
    await dialog.getByRole("button", { name: "Cancel" }).click();
    report("Drawn by hand: from Deploy to every node running", await deploy(page, "From the beginning"));
  });

  await test.step("watched: 20 in, 10 pass, 10 are written", async () => {
    await expect.poll(() => countOnWire(page, "kafka-topic", "filter")).toBe(20);
    await expect.poll(() => countOnWire(page, "filter.pass", "map")).toBe(10);
    await expect.poll(() => countOnWire(page, "map", "kafka-topic-2")).toBe(10);
    const read = await readTopic(to, 10);
    expect(read.map(({ value }) => JSON.parse(value ?? "") as unknown)).toContainEqual({
      id: "w-1",
      amount: 25,
      double: 50,
    });
  });

  await test.step("reload: all is there", async () => {
    const before = await nodeCard(page, "map").boundingBox();
    await page.reload();
    await waitUntilRunning(page);
    await expect(page.locator(".drawing [data-node-id]")).toHaveCount(4);
    await expect(page.locator("[data-edge-id]")).toHaveCount(3);
    await expect.poll(() => countOnWire(page, "filter.pass", "map")).toBe(10);
    expect(before).not.toBeNull();
    await chooseNode(page, "filter");
    await expect(expressionField(page, "Pass when")).toHaveText("body.amount > 10");
    await chooseNode(page, "map");
    await expect(expressionField(page, "Value of double")).toHaveText("body.amount * 2");
  });
});

test("a change says that the draft differs; version 2 takes over and nothing is lost", async ({ page }) => {
  await signIn(page);
  await openFlow(page, name);
  await waitUntilRunning(page);
  await chooseNode(page, "filter");
  await writeExpression(page, "Pass when", "body.amount > 1");
  await expect(page.getByTestId("saved")).toContainText("1 change since v1");
  await waitUntilSaved(page);
  await expect(nodeCard(page, "filter").locator(".node-changed")).toBeVisible();

  const dialog = await askToDeploy(page);
  await expect(dialog.getByRole("region", { name: "What will change" })).toContainText("Since v1");
  await expect(dialog.getByRole("radio", { name: "Go on" })).toBeChecked();
  await dialog.getByRole("textbox", { name: "Message" }).fill("Let the small ones pass");
  // Traffic goes on while the version changes.
  const all = makeOrders(1_000, 400);
  const traffic = (async () => {
    for (let at = 0; at < all.length; at += 20) await produce(from, all.slice(at, at + 20));
  })();
  await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
  await expect(page.getByText(/v2 running/)).toBeVisible();
  await traffic;
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId("saved")).not.toContainText("since");

  // What v1 took, it filtered by its own rule: all that are worth more than 10 are there, whoever took them.
  await produce(from, makeOrders(2_000, 2));
  const wanted = [...all, ...makeOrders(2_000, 2)].map(
    ({ value }) => JSON.parse(value) as { id: string; amount: number },
  );
  const due = [...wanted.filter(({ amount }) => amount > 10).map(({ id }) => id), "w-2000"];
  const missing = (read: readonly Read[]) => {
    const ids = idsOf(read);
    return due.filter((id) => !ids.has(id));
  };
  expect(missing(await readTopic(to, (read) => read.length >= due.length && missing(read).length === 0))).toEqual([]);
});

test("roll back runs version 1 again; stop stops it", async ({ page }) => {
  await signIn(page);
  await openFlow(page, name);
  await pickFromDeployMenu(page, "Roll back to v1");
  await page.getByRole("button", { name: "Run v1 again" }).click();
  await expect(page.getByText(/v1 running/)).toBeVisible();
  await waitUntilRunning(page);
  await produce(from, [
    { value: JSON.stringify({ id: "small", amount: 5 }) },
    { value: JSON.stringify({ id: "large", amount: 25 }) },
  ]);
  await expect.poll(() => countOnWire(page, "filter.pass", "map")).toBe(1);
  await expect.poll(() => countOnWire(page, "kafka-topic", "filter")).toBe(2);

  await page.getByRole("link", { name: "Versions" }).click();
  const versions = page.getByRole("navigation", { name: "Versions" });
  await expect(versions.getByRole("button").filter({ hasText: "v2" })).toContainText("Let the small ones pass");
  await expect(versions.getByRole("button").filter({ hasText: "v1" })).toContainText("runs");
  await versions.getByRole("button").filter({ hasText: "v2" }).click();
  await expect(page.getByRole("region", { name: "Differences" })).toContainText("body.amount > 10");
  await expect(page.getByText("Rolled back to v1")).toBeVisible();

  await page.getByRole("link", { name: "Editor" }).click();
  await pickFromDeployMenu(page, "Stop");
  await page.getByRole("button", { name: "Stop the flow" }).click();
  await expect(page.getByText(/v1 stopped/)).toBeVisible();
});

test("undo, redo, copy, paste, duplicate and delete by keys", async ({ page }) => {
  await signIn(page);
  await createFlow(page, `Keys ${mark}`);
  const nodes = page.locator(".drawing [data-node-id]");
  const wires = page.locator("[data-edge-id]");
  const press = (key: string) => page.keyboard.press(key);

  await dragKind(page, "webhook-source", { x: 0.15, y: 0.3 });
  await page.locator('nav[aria-label=Palette] [data-kind="log"]').click();
  await expect(nodes).toHaveCount(2);
  await expect(wires).toHaveCount(1);

  // The canvas has the keys once it was pressed.
  const canvas = page.locator(".react-flow__pane");
  const emptyPlace = { x: 60, y: 500 };
  await canvas.click({ position: emptyPlace });
  await press("ControlOrMeta+z");
  await expect(nodes).toHaveCount(1);
  await press("ControlOrMeta+Shift+z");
  await expect(nodes).toHaveCount(2);
  await press("ControlOrMeta+z");
  await press("ControlOrMeta+y");
  await expect(nodes).toHaveCount(2);
  await expect(wires).toHaveCount(1);

  await press("ControlOrMeta+a");
  await press("ControlOrMeta+c");
  await press("ControlOrMeta+v");
  await expect(nodes).toHaveCount(4);
  await expect(wires).toHaveCount(2);
  // What was pasted is chosen.
  await press("ControlOrMeta+d");
  await expect(nodes).toHaveCount(6);
  await expect(wires).toHaveCount(3);
  await press("Delete");
  await expect(nodes).toHaveCount(4);
  await press("ControlOrMeta+a");
  await press("ControlOrMeta+x");
  await expect(nodes).toHaveCount(0);
  await press("ControlOrMeta+z");
  await expect(nodes).toHaveCount(4);

  // A double click offers the kinds where it was made.
  await press("Escape");
  await canvas.dblclick({ position: { x: 300, y: 120 } });
  await page.getByRole("dialog", { name: "Add a node" }).getByRole("combobox").fill("filter");
  await press("Enter");
  await expect(nodes).toHaveCount(5);
  await expect(nodeCard(page, "filter")).toBeVisible();

  // A node in between is taken out, and its neighbours are joined.
  await page.getByRole("button", { name: "Insert a node into the wire from webhook to log", exact: true }).click();
  await page.getByRole("dialog", { name: "Add a node" }).getByRole("combobox").fill("map");
  await press("Enter");
  await expect(page.locator('[data-edge-id="webhook>map"]')).toBeAttached();
  await nodeCard(page, "map").locator(".node-title").click();
  await press("ControlOrMeta+Delete");
  await expect(page.locator('[data-edge-id="webhook>log"]')).toBeAttached();
  await expect(nodes).toHaveCount(5);
  await waitUntilSaved(page);
  await page.reload();
  await expect(nodes).toHaveCount(5);
});
