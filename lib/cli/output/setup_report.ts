import { basename } from "node:path";
import { defined } from "../../defined.ts";
import { hideCredentials } from "../../hide_credentials.ts";
import { type Console, isInteractive } from "../../runtime/mod.ts";
import { removeFolderCommand } from "../../shell_word.ts";
import type { SetupContext, SetupEvent } from "../../setup/mod.ts";
import { plainText, type Style, styleFor } from "../../terminal/mod.ts";
import { openPrompter } from "./prompts.ts";

/**
 * A setup that asks on the console's terminal and reports to standard error.
 *
 * @param detail `full` also prints the text of a written `pyrpc.json`
 */
export function setupContext(console: Console, detail: "full" | "brief" = "brief"): SetupContext {
  const { cwd, env } = console;
  const style = styleFor(console.stderr, env);
  return {
    cwd,
    env,
    ...defined({
      openPrompter: isInteractive(console) ? () => openPrompter(console) : undefined,
    }),
    onEvent: (event) => {
      for (const line of linesOf(event, style, detail)) console.stderr.write(`${line}\n`);
    },
  };
}

function linesOf(event: SetupEvent, style: Style, detail: "full" | "brief"): readonly string[] {
  switch (event.kind) {
    case "written":
      return [
        `${style.green("✓")} Wrote ${plainText(event.path)}`,
        ...(event.backup === undefined
          ? []
          : [`  The old file is kept as ${plainText(basename(event.backup))}`]),
        ...(detail === "full" ? indented(event.text, style) : []),
      ];
    case "unchanged":
      return detail === "full"
        ? [`${plainText(event.path)} already has these values; nothing was changed`]
        : [];
    case "client_exists":
      return [`${plainText(event.path)} already exists; --reconfigure asks its questions again`];
    case "client_written":
      return [
        `${style.green("✓")} Wrote ${plainText(event.path)} (${event.distribution} mode)`,
        ...indented(event.text, style),
        "",
      ];
    case "server_failed":
      return [
        `${style.yellow("warning:")} ${plainText(hideCredentials(event.url))}: ${
          plainText(event.reason)
        }`,
      ];
    case "no_backend":
      return [`${style.yellow("warning:")} ${plainText(event.reason)}`];
    case "stale_output":
      return [`The previous client project has generated types: ${plainText(event.folder)}`];
    case "stale_output_kept":
      return [
        `They were not removed; remove them with: ${removeFolderCommand(plainText(event.folder))}`,
      ];
    case "stale_output_moved":
      return [`Moved to ${plainText(event.folder)}`];
    case "stale_output_removed":
      return ["Removed"];
    case "stale_output_failed":
      return [`${style.yellow("warning:")} Cannot move or remove them: ${plainText(event.reason)}`];
  }
}

function indented(text: string, style: Style): string[] {
  return hideCredentials(text).trimEnd().split("\n").map((line) =>
    `  ${style.dim(plainText(line))}`
  );
}
