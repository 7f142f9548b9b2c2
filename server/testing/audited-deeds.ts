import "server-only";
import { randomUUID } from "node:crypto";
import { database } from "../database";
import type { createAppCaller } from "../router";
import { type AuditRows, draw, invited } from "./audit-rows";
import { KeptSaga } from "./kept-saga";

type Caller = ReturnType<typeof createAppCaller>;
export const adminEmail = "admin@example.com";
export const adminPassword = "a password of before";
const message = { key: null, value: "{}", headers: [], encoding: "text" as const };

/** What is called, by whom it then was (the administrator unless it says otherwise), and of what the audit tells. */
export interface Deed {
  readonly object: string | RegExp;
  readonly actor?: string;
  readonly action?: string;
  run(): Promise<unknown>;
}

/** By mutation, a call that is valid and does something. */
export function makeDeeds(rows: AuditRows, admin: Caller): Readonly<Record<string, () => Promise<Deed>>> {
  return {
    "session.join": async () => {
      const asked = invited();
      const { path } = await admin.settings.invite(asked);
      const secret = path.split("/").at(-1)!;
      const taken = { secret, name: "Eve", password: "long enough" };
      return { object: asked.email, actor: asked.email, run: () => rows.server.visitor.session.join(taken) };
    },
    "flows.create": async () => ({
      object: "made-here",
      run: () => admin.flows.create({ title: "Made", name: "made-here" }),
    }),
    "flows.save": async () => {
      const name = await rows.nameOfNew();
      const { revision } = await admin.flows.get({ name });
      return {
        object: name,
        run: () => admin.flows.save({ name, revision, document: { ...draw(name), title: "New" } }),
      };
    },
    "flows.push": async () => {
      const name = await rows.nameOfNew();
      return { object: name, run: () => admin.flows.push({ document: { ...draw(name), title: "Pushed" } }) };
    },
    "flows.applyAll": async () => {
      const name = await rows.nameOfNew();
      const { revision } = await admin.flows.get({ name });
      const set = [{ document: { ...draw(name), title: "Applied" }, revision }];
      return { object: name, run: () => admin.flows.applyAll({ set, remove: [] }) };
    },
    "flows.rename": async () => {
      const name = await rows.nameOfNew();
      return { object: name, run: () => admin.flows.rename({ name, title: "Other", newName: `${name}-b` }) };
    },
    "flows.duplicate": async () => {
      const name = await rows.nameOfNew();
      return { object: new RegExp(`^${name}-`), run: () => admin.flows.duplicate({ name }) };
    },
    "flows.remove": async () => {
      const name = await rows.nameOfNew();
      return { object: name, run: () => admin.flows.remove({ name }) };
    },
    "versions.name": async () => ({
      object: "running",
      run: () => admin.versions.name({ flow: "running", number: 1, name: `before ${randomUUID().slice(0, 4)}` }),
    }),
    "deployments.deploy": async () => {
      const flow = await rows.nameOfNew();
      return { object: flow, run: () => admin.deployments.deploy({ flow, begin: { from: "kind" } }) };
    },
    "deployments.start": async () => {
      const flow = await rows.putDeployed();
      await admin.deployments.stop({ flow });
      return { object: flow, run: () => admin.deployments.start({ flow }) };
    },
    "deployments.stop": async () => {
      const flow = await rows.putDeployed();
      return { object: flow, run: () => admin.deployments.stop({ flow }) };
    },
    "deployments.rollback": async () => {
      const flow = await rows.putDeployed();
      return { object: flow, run: () => admin.deployments.rollback({ flow }) };
    },
    "connections.save": async () => ({
      object: "http",
      run: () =>
        admin.connections.save({ name: "http", kind: "http", config: { baseUrl: "http://127.0.0.1:8" }, secrets: {} }),
    }),
    "connections.remove": async () => {
      await database().prisma.connection.create({ data: { name: "unused", kind: "http", config: {} } });
      return { object: "unused", run: () => admin.connections.remove({ name: "unused" }) };
    },
    "connections.createPlace": async () => ({
      object: "kafka",
      run: () => admin.connections.createPlace({ name: "kafka", type: "topic", place: "orders" }),
    }),
    "deadLetters.redrive": async () => {
      const id = await rows.putLetter();
      return { object: "running", run: () => admin.deadLetters.redrive({ ids: [id], target: "node" }) };
    },
    "deadLetters.discard": async () => {
      const id = await rows.putLetter();
      return { object: "running", run: () => admin.deadLetters.discard({ ids: [id], reason: "old" }) };
    },
    "deadLetters.takeBack": async () => {
      const id = await rows.putLetter();
      await admin.deadLetters.discard({ ids: [id], reason: "old" });
      return { object: "running", run: () => admin.deadLetters.takeBack({ ids: [id] }) };
    },
    "redrives.pause": async () => {
      const redrive = await rows.putRedrive("running");
      return { object: "running", run: () => admin.redrives.pause(redrive) };
    },
    "redrives.resume": async () => {
      const redrive = await rows.putRedrive("paused");
      return { object: "running", run: () => admin.redrives.resume(redrive) };
    },
    "redrives.stop": async () => {
      const redrive = await rows.putRedrive("running");
      return { object: "running", run: () => admin.redrives.stop(redrive) };
    },
    "parked.tryNow": async () => {
      const id = await rows.putParked();
      return { object: /1/, run: () => admin.parked.tryNow({ ids: [id] }) };
    },
    "parked.giveUp": async () => {
      const id = await rows.putParked();
      return { object: /1/, run: () => admin.parked.giveUp({ ids: [id] }) };
    },
    "recordings.start": async () => ({
      object: "running",
      run: () => admin.recordings.start({ flow: "running", condition: "body.id == 1", minutes: 5 }),
    }),
    "recordings.stop": async () => {
      const { id } = await admin.recordings.start({ flow: "running", condition: "body.id == 2", minutes: 5 });
      return { object: "running", run: () => admin.recordings.stop({ id }) };
    },
    "savedViews.save": async () => ({
      object: "Failed",
      run: () => admin.savedViews.save({ page: "runs", name: "Failed", query: "state=failed", shared: true }),
    }),
    "savedViews.rename": async () => {
      const { id } = await admin.savedViews.save({ page: "runs", name: "Before", query: "state=dead", shared: true });
      return { object: "After", run: () => admin.savedViews.rename({ id, name: "After" }) };
    },
    "savedViews.remove": async () => {
      const { id } = await admin.savedViews.save({ page: "runs", name: "Old", query: "state=dead", shared: true });
      return { object: "Old", run: () => admin.savedViews.remove({ id }) };
    },
    "sagas.act": async () => {
      const saga = new KeptSaga(
        { flowId: rows.flowId, version: 1, document: draw("running"), start: "begin" },
        "o-1",
        Date.now(),
      );
      await (await saga.begin({ id: 1 })).fail("reserve");
      const asked = { ids: [saga.id], action: "retry" as const, node: "reserve" };
      return { object: `running ${saga.id}`, run: () => admin.sagas.act(asked) };
    },
    "messages.send": async () => ({
      object: "running/hook",
      run: () => admin.messages.send({ flow: "running", node: "hook", message }),
    }),
    "messages.sendAll": async () => ({
      object: "running/hook",
      run: () => admin.messages.sendAll({ flow: "running", node: "hook", messages: [message, message] }),
    }),
    "runs.sendFrom": async () => {
      const id = await rows.putRun();
      return { object: "running/ask", run: () => admin.runs.sendFrom({ id, step: 0 }) };
    },
    "trials.try": async () => ({
      object: "running",
      run: () => admin.trials.try({ flow: "running", at: "hook", message: { body: {} } }),
    }),
    "trials.capture": async () => ({
      object: "running",
      run: () => admin.trials.capture({ flow: "running", at: "hook", from: { messages: [{ body: {} }] } }),
    }),
    "settings.addUser": async () => {
      const user = { ...invited(), name: "Eve", password: "long enough" };
      return { object: user.email, run: () => admin.settings.addUser(user) };
    },
    "settings.setRole": async () => {
      const user = await rows.putUser();
      return { object: user.email, run: () => admin.settings.setRole({ id: user.id, role: "editor" }) };
    },
    "settings.removeUser": async () => {
      const user = await rows.putUser();
      return { object: user.email, run: () => admin.settings.removeUser({ id: user.id }) };
    },
    "settings.invite": async () => {
      const asked = invited();
      return { object: asked.email, run: () => admin.settings.invite(asked) };
    },
    "settings.revokeInvitation": async () => {
      const asked = invited();
      const { id } = await admin.settings.invite(asked);
      return { object: asked.email, run: () => admin.settings.revokeInvitation({ id }) };
    },
    "settings.endSession": async () => {
      const user = await rows.putUser();
      const id = await rows.putSession(user.id);
      return { object: user.email, run: () => admin.settings.endSession({ id }) };
    },
    "settings.endOtherSessions": async () => {
      await rows.putSession("admin");
      return { object: adminEmail, run: () => admin.settings.endOtherSessions() };
    },
    "settings.changePassword": async () => ({
      object: adminEmail,
      run: () => admin.settings.changePassword({ current: adminPassword, next: "a password of now" }),
    }),
    "settings.createToken": async () => ({
      object: "CI",
      run: () => admin.settings.createToken({ name: "CI", role: "viewer" }),
    }),
    "settings.revokeToken": async () => {
      await admin.settings.createToken({ name: "Old CI", role: "viewer" });
      const { id } = await database().prisma.apiToken.findFirstOrThrow({ where: { name: "Old CI" } });
      return { object: "Old CI", run: () => admin.settings.revokeToken({ id }) };
    },
  };
}
