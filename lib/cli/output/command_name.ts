/** Commands that belong to the backend, so that hints of the npm package name them as the backend's own. */
const BACKEND_COMMANDS = "dev|serve|registry";

// Not a path, a package, a quoted program name or a command that already names its runner.
const COMMAND =
  /(?<![\w@/.-])(?<!npx |uvx |run |exec )pyrpc (?=(\w+)(?: (--client|--example)\b)?)/g;

// A sentence of pyRPC 0.6 to 0.9 that users search for.
const QUOTED = "Run pyrpc dev on your backend to regenerate types on change.";

/**
 * Replaces `pyrpc COMMAND` in hints by the command as it was called, so that a hint works when it is pasted. Through npm
 * (`npx pyrpc`) only the client's commands are replaced: a backend does not run them through npm.
 *
 * @param commands the names of all commands
 */
export function withCommandName(text: string, name: string, commands: readonly string[]): string {
  if (name === "pyrpc" || !text.includes("pyrpc ")) return text;
  const isNpm = name.startsWith("npx ");
  const backend = new RegExp(`^(?:${BACKEND_COMMANDS})$`);
  return text.split(QUOTED).map((part) =>
    part.replace(COMMAND, (found, command: string, client?: string) => {
      if (!commands.includes(command)) return found;
      if (isNpm && (backend.test(command) || command === "init" && client === undefined)) {
        return found;
      }
      return `${name} `;
    })
  ).join(QUOTED);
}
