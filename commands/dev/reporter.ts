import type { ProjectConfig } from "../../lib/project/mod.ts";
import * as texts from "./event_text.ts";
import type { DevEvent, DevSession } from "../../lib/dev/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import {
  hasColours,
  logLine,
  plainText,
  renderError,
  type Style,
  styleFor,
} from "../../lib/terminal/mod.ts";
import { brokenLinesTexts } from "./broken_lines_text.ts";
import { moduleWarnings } from "./module_warnings.ts";
import { changedTypesLines, reportRefusedOrigins, reportWarnings } from "../../lib/cli/mod.ts";

const MAX_NAMES = 12;

type EventOf<Kind extends DevEvent["kind"]> = DevEvent & { readonly kind: Kind };

/** The part of a session that the banner shows. */
export type BannerSession = Pick<DevSession, "project" | "server" | "isServing" | "deliveries">;

/** Prints the events of a session on standard error. */
export class DevReporter {
  readonly #console: Console;
  readonly #style: Style;
  readonly #hasColors: boolean;
  readonly #project: () => ProjectConfig;
  /** Warnings that were printed and still apply. */
  #warned = new Set<string>();
  /** The banner shows the address of the first server. */
  #hasBanner = false;
  #shownApp: string | undefined;
  /** Lines of the server since the last other event. */
  #outputLines = 0;
  readonly #refusedOrigin = reportRefusedOrigins((text) => this.#warn(plainText(text)));

  /** @param project returns the configuration in use */
  constructor(console: Console, project: () => ProjectConfig) {
    this.#console = console;
    this.#style = styleFor(console.stderr, console.env);
    this.#hasColors = hasColours(console.stderr, console.env);
    this.#project = project;
  }

  event(event: DevEvent): void {
    const style = this.#style;
    if (event.kind !== "output" && event.kind !== "server_failed") this.#outputLines = 0;
    switch (event.kind) {
      case "output":
        this.#outputLines++;
        return this.#print(`${style.dim("  server │")} ${logLine(event.line, this.#hasColors)}`);
      case "contract":
        return this.#contract(event);
      case "stale_types":
        for (const text of texts.staleTypesTexts(event.paths, this.#console.cwd)) this.#warn(text);
        return;
      case "broken":
        this.#warned = new Set(); // printed again after the error is fixed
        return this.#print(renderError(event.error, style));
      case "importing":
        return this.#print(style.dim(texts.importingText(this.#project(), event.seconds)));
      case "config_recovered":
        return this.#done("pyrpc.json is valid again; nothing changed");
      case "own_writes":
        return this.#warn(texts.ownWritesText(event.paths, this.#project().folder));
      case "restored":
        return this.#restored(event);
      case "server":
        if (event.state === "restarted" || this.#hasBanner) {
          this.#done(`Server ${event.state}${this.#time(event.milliseconds)}`);
        }
        return;
      case "server_failed":
        return this.#serverFailed(event);
      case "schema_broken":
        return this.#schemaBroken(event);
      case "refused_origin":
        return this.#refusedOrigin(event.origin);
      case "broken_lines":
        return this.#print(brokenLinesTexts(event, style).join("\n"));
      case "schema_recovered":
        return this.#done("GET /rpc answers again");
      case "exec_ready":
        return this.#done(`GET /rpc answers with this contract${this.#time(event.milliseconds)}`);
      case "exec_unready":
        return this.#execUnready(event);
      case "exec_ended":
        return this.#failed(`The --exec command exited with code ${event.code}`);
      case "attached_ended":
        return this.#warn("The server of the other process stopped: starting one here");
      case "attached_stale":
        return this.#warn(`${plainText(event.response)}: restart that server`);
      case "config":
        return this.#done(plainText(texts.configText(event.project)));
      case "config_broken":
        this.#print(renderError(event.error, style));
        return this.#print(style.dim("  keeping the previous configuration"));
      default:
        event satisfies never;
    }
  }

  /** Prints the first lines, after the first description. */
  banner(session: BannerSession, origin: string, options: texts.BannerOptions): void {
    const { project, server, isServing, deliveries } = session;
    const style = this.#style;
    this.#hasBanner = true;
    this.#print("");
    if (server === "none") {
      this.#print(`  ${style.bold("pyRPC dev")}  types only, no server is started`);
      if (project.distribution === "server") {
        this.#warn(
          "No server provides the schema (--types-only): clients can sync once your server runs",
        );
      }
    } else {
      const state = server === "attached"
        ? texts.attachedText(options.holder, project)
        : server === "exec"
        ? "  (run by --exec)"
        : isServing
        ? ""
        : "  (starts when the error above is fixed)";
      this.#print(`  ${style.bold("pyRPC dev server")}  ${origin}/rpc${style.dim(state)}`);
    }
    if (project.distribution === "server") {
      this.#labelled("Distribution:", "server (clients fetch via npx pyrpc sync)");
    } else {
      const paths = deliveries.length > 0
        ? deliveries.map(({ path, root }) => path ?? root)
        : project.clients.map(({ root }) => root);
      for (const path of paths) this.#labelled("Types:", path);
      const notes = new Set(deliveries.flatMap(({ notes }) => notes));
      for (const note of notes) this.#labelled("note:", note);
    }
    if (options.hasConsole) this.#print(`  ${style.dim("type help for commands")}`);
    this.#print("");
  }

  // The founding documents quote "(N procs)" for every number.
  #contract(event: EventOf<"contract">): void {
    const { procedures, deliveries, answer: { problems }, milliseconds } = event;
    const time = this.#time(milliseconds);
    const isServer = this.#project().distribution === "server";
    const left = `${problems.length} of ${procedures + problems.length} procedures`;
    if (problems.length > 0) {
      const kept = isServer ? "" : "; their types are kept";
      this.#failed(`${left} cannot be described${kept}${time}`);
    } else if (isServer) {
      this.#done(`Server mode — schema updated (${procedures} procs)${time}`);
    } else if (deliveries.some(({ state }) => state !== "failed")) {
      this.#done(`Types regenerated (${procedures} procs)${time}`);
    }
    for (const line of changedTypesLines(event)) this.#print(`    ${plainText(line)}`);
    for (const { root, error } of deliveries) {
      if (error === undefined) continue;
      this.#failed(`Types for ${plainText(root)}:`);
      this.#print(renderError(error, this.#style));
    }
    this.#application(event);
    this.#warnings(event);
  }

  /** Prints the application that was chosen, unless the user named it. */
  #application({ answer, server }: EventOf<"contract">): void {
    const { entrypoint } = this.#project();
    if (server !== "own" || answer.app === null || entrypoint.includes(":")) return;
    const text = texts.applicationText(answer.app, entrypoint);
    if (text === (this.#shownApp ?? `${entrypoint}:app`)) return;
    this.#shownApp = text;
    this.#labelled("Application:", text);
  }

  /** Prints the warnings that were not printed before. */
  #warnings(event: EventOf<"contract">): void {
    const lines = moduleWarnings(event, this.#project());
    for (const line of lines) if (!this.#warned.has(line)) this.#warn(plainText(line));
    const inexact = event.generated.warnings.filter(({ procedure, path, message }) => {
      const line = `${procedure} ${path} ${message}`;
      lines.push(line);
      return !this.#warned.has(line);
    });
    reportWarnings(this.#console, inexact);
    this.#warned = new Set(lines);
  }

  #restored({ deliveries }: EventOf<"restored">): void {
    for (const { root, error, state } of deliveries) {
      if (error !== undefined) this.#print(renderError(error, this.#style));
      else if (state === "written") this.#done(`Restored the types in ${plainText(root)}`);
    }
  }

  #serverFailed({ exit, reason, lines }: EventOf<"server_failed">): void {
    this.#failed(texts.serverEndText(exit, reason));
    // Repeats the last lines of its output unless they are directly above.
    const repeated = this.#outputLines >= lines.length ? [] : lines;
    this.#outputLines = 0;
    for (const line of repeated) this.#print(`    ${this.#style.dim(logLine(line, false))}`);
  }

  #schemaBroken({ reason, isGuarded, fault, suspects }: EventOf<"schema_broken">): void {
    const isServer = this.#project().distribution === "server";
    if (isGuarded) {
      if (!isServer) return;
      return this.#warn(
        `GET /rpc ${reason}: clients need credentials, such as npx pyrpc sync --token-env NAME`,
      );
    }
    const effect = isServer ? "npx pyrpc sync is" : "calls of the client are";
    this.#failed(`GET /rpc ${reason}: ${effect} broken until this is fixed`);
    if (fault !== undefined) return this.#print(texts.faultText(fault, this.#style));
    for (const { name, reason } of suspects.slice(0, MAX_NAMES)) {
      this.#print(`    ${this.#style.bold(plainText(name))}: ${plainText(reason)}`);
    }
  }

  #execUnready({ seconds, response, fault }: EventOf<"exec_unready">): void {
    this.#failed(`GET /rpc did not return this project's contract within ${seconds} s`);
    this.#print(`    ${plainText(response)}`);
    if (fault !== undefined) this.#print(texts.faultText(fault, this.#style));
  }

  #print(line: string): void {
    this.#console.stderr.write(`${line}\n`);
  }

  #done(text: string): void {
    this.#print(`  ${this.#style.green("✓")} ${text}`);
  }

  #failed(text: string): void {
    this.#print(`  ${this.#style.red("✗")} ${text}`);
  }

  #warn(text: string): void {
    this.#print(`  ${this.#style.yellow("⚠")} ${text}`);
  }

  #labelled(label: string, text: string): void {
    this.#print(`  ${this.#style.dim(label)} ${plainText(text)}`);
  }

  #time(milliseconds: number): string {
    return this.#style.dim(` ${Math.round(milliseconds)} ms`);
  }
}
