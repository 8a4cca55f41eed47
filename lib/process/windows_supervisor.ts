/** Ends commands of Windows with this process under Node, which cannot make job objects. */
import { randomUUID } from "node:crypto";
import { createServer, type Socket } from "node:net";
import process from "node:process";
import { batchArgument } from "./command_line.ts";
import source from "./windows_supervisor.cjs" with { type: "text" };

/** A command line of `cmd.exe` that runs a program below a supervisor. */
export interface SupervisedCommand {
  readonly line: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends the program and everything that it has started. */
  end(): void;
}

/**
 * Makes a command line that runs a program, and ends it with everything that it has started when this process ends.
 *
 * Windows ends the children of Node with it, but not their children. That includes the supervisor, which therefore has to be
 * a child of `cmd.exe`.
 *
 * @param args are quoted already
 */
export function supervised(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): SupervisedCommand {
  const pipe = `\\\\.\\pipe\\pyrpc-${randomUUID()}`;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.unref());
    socket.on("error", () => {/* The supervisor has ended. */}).resume();
  });
  server.on("error", () => {/* The supervisor cannot connect, and ends the program. */});
  server.listen(pipe).unref();
  // The user's options of Node, such as a debugger, are not for the supervisor.
  const { NODE_OPTIONS: nodeOptions, ...others } = env;
  return {
    // In a variable: a command line cannot have line breaks.
    line: [process.execPath, "-e", "eval(process.env.PYRPC_SUPERVISOR)"].map(batchArgument).join(
      " ",
    ),
    env: {
      ...others,
      PYRPC_SUPERVISOR: source,
      PYRPC_SUPERVISED: JSON.stringify({ pipe, file, args, nodeOptions }),
    },
    end() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
