import { isValidationError, NetworkError } from "@pyrpc/client";
import { rpc, type Rpc } from "./rpc";

/** Adds a task. Returns the reason if the backend rejects its title. */
export async function addTask(title: string): Promise<string | undefined> {
  try {
    await rpc.add_task({ title });
    return undefined;
  } catch (error) {
    if (isValidationError(error)) return `${error.data.field}: ${error.data.message}`;
    throw error;
  }
}

/** The titles of all tasks. */
export async function titles(): Promise<string[]> {
  return (await rpc.list_tasks()).map(({ title }) => title);
}

/** The line below the list. The client is an argument, so that tests can pass a fake. */
export async function summary(client: Rpc = rpc): Promise<string> {
  try {
    const open = await client.list_tasks({ done: false });
    return open.length === 0 ? "All done" : `${open.length} to do`;
  } catch (error) {
    if (error instanceof NetworkError) return "Offline";
    throw error;
  }
}
