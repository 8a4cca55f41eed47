import { isAbsolute, relative } from "node:path";
import type { ProjectConfig } from "../lib/project/mod.ts";
import type { ClientDelivery } from "../lib/delivery/mod.ts";
import type { DevEvent } from "../lib/dev/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, renderError, styleFor } from "../lib/terminal/mod.ts";
import { reportWarnings } from "../lib/cli/mod.ts";

const MAX_NAMES = 12;

/** Says what a session tells, on standard error. */
export interface DevReporter {
  event(event: DevEvent): void;
  /** The first lines, when everything has been tried once. */
  banner(options: BannerOptions): void;
}

/** What {@link DevReporter.banner} says. */
export interface BannerOptions {
  readonly project: ProjectConfig;
  readonly origin: string;
  readonly server: "own" | "attached" | "none";
  readonly isServing: boolean;
  readonly deliveries: readonly ClientDelivery[];
  readonly hasConsole: boolean;
}

/** A {@link DevReporter} for a console; `project` gives the configuration of the moment. */
export function devReporter(console: Console, project: () => ProjectConfig): DevReporter {
  const style = styleFor(console.stderr, console.env);
  const say = (line: string) => console.stderr.write(`${line}\n`);
  const good = (text: string) => say(`  ${style.green("✓")} ${text}`);
  const bad = (text: string) => say(`  ${style.red("✗")} ${text}`);
  const warn = (text: string) => say(`  ${style.yellow("⚠")} ${text}`);
  const dim = (text: string) => style.dim(plainText(text));
  // A warning that still holds is not repeated after each save.
  let warned = new Set<string>();
  // The banner says where the first server is.
  let hasBanner = false;
  let shownApp: string | undefined;

  // An application that nobody named is shown: it was chosen.
  const application = ({ answer, server }: DevEvent & { kind: "contract" }) => {
    const { entrypoint } = project();
    if (server !== "own" || answer.app === null || entrypoint.includes(":")) return;
    const { name } = answer.app;
    if (name === (shownApp ?? "app")) return;
    shownApp = name;
    say(`  ${style.dim("Application:")} ${plainText(`${entrypoint}:${name}`)}`);
  };

  const warnings = ({ answer, generated, server }: DevEvent & { kind: "contract" }) => {
    const at = (place: { readonly file: string; readonly line: number } | null) =>
      place === null ? "an unknown place" : `${inside(place.file, project().folder)}:${place.line}`;
    const { entrypoint } = project();
    const lines = [
      ...(server === "own" && answer.app === null
        ? [
          `${entrypoint} has no application: serving a bare pyRPC application, without your routes and middleware. ` +
          `To serve yours: pyrpc init --entry MODULE:NAME`,
        ]
        : []),
      ...answer.duplicates.map(({ name, first, second }) =>
        `Two procedures are called ${name}: ${at(first)} is replaced by ${at(second)}`
      ),
      ...answer.problems.map(({ name, part, reason, place }) => {
        const where = part === null ? "" : part === "return" ? "its result: " : `${part}: `;
        return `${name} is left out: ${where}${reason} (${at(place)})`;
      }),
    ];
    for (const line of lines) if (!warned.has(line)) warn(plainText(line));
    const inexact = generated.warnings.filter(({ procedure, path, message }) => {
      const line = `${procedure} ${path} ${message}`;
      lines.push(line);
      return !warned.has(line);
    });
    reportWarnings(console, inexact);
    warned = new Set(lines);
  };

  const contract = (event: DevEvent & { kind: "contract" }) => {
    const { procedures, changes, deliveries, milliseconds } = event;
    const time = style.dim(` ${Math.round(milliseconds)} ms`);
    const names = changedNames(changes.procedures);
    if (project().distribution === "server") {
      good(`Server mode — schema updated (${procedures} procs)${time}`);
    } else if (deliveries.some(({ state }) => state !== "failed")) {
      good(`Types regenerated (${procedures} procs)${time}`);
    }
    if (names !== "") say(`    ${plainText(names)}`);
    for (const { root, error } of deliveries) {
      if (error === undefined) continue;
      bad(`Types for ${plainText(root)}:`);
      say(renderError(error, style));
    }
    application(event);
    warnings(event);
  };

  return {
    event(event) {
      switch (event.kind) {
        case "output":
          return say(`${style.dim("  server │")} ${plainText(event.line)}`);
        case "contract":
          return contract(event);
        case "broken":
          // What was wrong before is worth telling again once it can be seen again.
          warned = new Set();
          return say(renderError(event.error, style));
        case "restored":
          for (const { root, error } of event.deliveries) {
            if (error === undefined) {
              good(`Types had vanished; delivered again to ${plainText(root)}`);
            } else say(renderError(error, style));
          }
          return;
        case "server":
          if (event.state === "restarted" || hasBanner) {
            const time = style.dim(` ${Math.round(event.milliseconds)} ms`);
            good(`Server ${event.state}${time}`);
          }
          return;
        case "server_failed":
          return serverFailed(event);
        case "schema_broken":
          if (event.isGuarded) {
            return warn(
              `GET /rpc ${event.reason}: clients need credentials, such as npx pyrpc sync --token-env NAME`,
            );
          }
          bad(`GET /rpc ${event.reason}: npx pyrpc sync is broken until this is fixed`);
          for (const { name, reason } of event.suspects.slice(0, MAX_NAMES)) {
            say(`    ${style.bold(plainText(name))}: ${plainText(reason)}`);
          }
          return;
        case "schema_recovered":
          return good("GET /rpc answers again");
        case "attached_ended":
          return warn("The server that was running has ended: starting one here");
        case "config":
          return configuration(event.project);
        case "config_broken":
          say(renderError(event.error, style));
          return say(dim("  keeping the previous configuration"));
        default:
          event satisfies never;
      }
    },
    banner({ project, origin, server, isServing, deliveries, hasConsole }) {
      hasBanner = true;
      say("");
      if (server === "none") {
        say(`  ${style.bold("pyRPC dev")}  types only, no server is started`);
        if (project.distribution === "server") {
          warn(
            "No server provides the schema (--types-only): clients can sync once your server runs",
          );
        }
      } else {
        const state = server === "attached"
          ? "  (it was running; attached)"
          : isServing
          ? ""
          : "  (starts when the error above is fixed)";
        say(`  ${style.bold("pyRPC dev server")}  ${origin}/rpc${style.dim(state)}`);
      }
      if (project.distribution === "server") {
        say(`  ${style.dim("Distribution:")} server (clients fetch via npx pyrpc sync)`);
      } else {
        const paths = deliveries.length > 0
          ? deliveries.map(({ path, root }) => path ?? root)
          : project.clients.map(({ root }) => root);
        for (const path of paths) say(`  ${style.dim("Types:")} ${plainText(path)}`);
        for (const note of new Set(deliveries.flatMap(({ notes }) => notes))) {
          say(`  ${style.dim("note:")} ${plainText(note)}`);
        }
      }
      if (hasConsole) say(`  ${style.dim("type help for commands")}`);
      say("");
    },
  };

  function serverFailed({ exit, reason, lines }: DevEvent & { kind: "server_failed" }): void {
    const how = reason ?? (exit?.signal ? `ended by ${exit.signal}` : `ended with ${exit?.code}`);
    bad(`The server ${plainText(how)}; it starts again with the next change`);
    // They have been seen already, one by one; here they stand together.
    for (const line of lines) say(`    ${dim(line)}`);
  }

  function configuration({ framework, entrypoint, distribution, clients }: ProjectConfig): void {
    const to = distribution === "server"
      ? ""
      : ` to ${clients.map(({ given }) => given).join(", ")}`;
    good(plainText(`pyrpc.json: ${framework}, ${entrypoint}, ${distribution}${to}`));
  }
}

/** `+ added  ~ changed  - removed`. */
function changedNames(
  { added, changed, removed }: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  },
): string {
  const names = [
    ...added.map((name) => `+ ${name}`),
    ...changed.map((name) => `~ ${name}`),
    ...removed.map((name) => `- ${name}`),
  ];
  const more = names.length - MAX_NAMES;
  return [...names.slice(0, MAX_NAMES), ...(more > 0 ? [`and ${more} more`] : [])].join("  ");
}

function inside(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") || isAbsolute(short) ? path : short;
}
