/** What a shell proposes for a value that is one of these names: those that begin with what is typed. */
export function proposing(names: readonly string[]): (partial: string) => readonly string[] {
  return (partial) => names.filter((name) => name.startsWith(partial));
}
