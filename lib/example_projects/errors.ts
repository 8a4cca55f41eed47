import { type ToolError, usageError } from "../errors.ts";
import { shellWord } from "../shell_word.ts";

/** The folder that an example is copied to has files. */
export function folderNotEmpty(
  folder: string,
  present: string,
  { name, newFolder, given }: {
    readonly name: string;
    /** A folder that does not exist. */
    readonly newFolder: string;
    /** The folder as the user typed it. */
    readonly given: string | undefined;
  },
): ToolError {
  const words = [given].flatMap((word) => word === undefined ? [] : [pathWord(word)]);
  const command = ["pyrpc init --example", name];
  return usageError(`"${folder}" is not empty: it has "${present}"`, [
    `Use a new folder: ${[...command, pathWord(newFolder)].join(" ")}`,
    `or replace files of the same names: ${[...command, ...words, "--force"].join(" ")}`,
  ]);
}

/** Quotes a path for a shell; a name that begins with a hyphen is not read as a flag. */
export function pathWord(path: string): string {
  return shellWord(path.startsWith("-") ? `./${path}` : path);
}
