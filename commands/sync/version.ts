import { resolve } from "node:path";
import type { Console } from "../../lib/runtime/mod.ts";
import type { NextVersion, SourceOptions } from "../../lib/sync/mod.ts";
import { plainText, styleFor } from "../../lib/terminal/mod.ts";
import { selectionOf } from "../../lib/cli/mod.ts";
import type { SyncFlags } from "./flags.ts";

/** `--version-from`: decides and prints the next version of the types package. */
export interface Versioning {
  readonly decide: NonNullable<SourceOptions["version"]>;
  /** Decides, and returns true if the published package is current. */
  readonly isPublished: (...args: Parameters<Versioning["decide"]>) => Promise<boolean>;
  /** The part of `--json` about the version. */
  readonly view: () => Pick<NextVersion, "version" | "previous" | "bump" | "against"> | undefined;
}

/** Makes the versioning of one run. */
export function versioning(console: Console, flags: SyncFlags): Versioning {
  let next: NextVersion | undefined;
  const decide = async (
    ...[target, { contract, where }]: Parameters<Versioning["decide"]>
  ): Promise<NextVersion> => {
    if (next === undefined) {
      const { nextVersion, selectionOfTarget, setWorkflowOutputs } = await import(
        "../../lib/sync/mod.ts"
      );
      const name = flags.packageName ?? target.packageName ?? "";
      next = await nextVersion({
        name,
        contract,
        where,
        folder: target.start,
        present: flags.out === undefined ? undefined : resolve(console.cwd, flags.out),
        given: flags.packageVersion,
        selection: selectionOfTarget(target, selectionOf(flags)),
        context: console,
      });
      printVersion(console, name, next);
      if (flags.dryRun && next.section !== "") console.stderr.write(`${plainText(next.section)}\n`);
      await setWorkflowOutputs(console.env, { changed: !next.isPublished, version: next.version });
    }
    return next;
  };
  return {
    decide,
    async isPublished(target, loaded) {
      const { isPublished } = await decide(target, loaded);
      if (isPublished) {
        console.stderr.write(
          "Nothing was written: the published package is current (--if-changed)\n",
        );
      }
      return isPublished;
    },
    view() {
      if (next === undefined) return undefined;
      const { version, previous, bump, against } = next;
      return { version, previous, bump, against };
    },
  };
}

function printVersion(
  console: Console,
  name: string,
  { version, previous, against, bump }: NextVersion,
): void {
  const style = styleFor(console.stderr, console.env);
  const from = previous === undefined ? "" : ` after ${previous}`;
  const why = against === undefined || previous === undefined
    ? "nothing is published yet"
    : bump === "none"
    ? `nothing has changed since ${against}`
    : `a ${bump} change since ${against}`;
  console.stderr.write(
    `${style.bold(plainText(`${name} ${version}`))}${plainText(`${from}: ${why}`)}\n`,
  );
}
