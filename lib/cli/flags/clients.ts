import { file, type FlagValues, grouped, repeatable, toggle } from "./builders.ts";

/** The flags of the commands that list the lines of clients that break. */
export const CLIENT_FLAGS = grouped("Clients", {
  clientRoot: repeatable(
    file("List the lines of this client that break; repeatable", { placeholder: "folder" }),
  ),
  clients: toggle("List the lines of the configured clients that break"),
});

/** The clients that {@link CLIENT_FLAGS} name. */
export function clientFolders(
  { clientRoot, clients }: FlagValues<typeof CLIENT_FLAGS>,
): { readonly roots: readonly string[]; readonly configured: boolean } {
  return { roots: clientRoot ?? [], configured: clients };
}
