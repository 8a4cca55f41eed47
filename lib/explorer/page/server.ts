import type { Json, Schema } from "./schema.ts";

/** A procedure in the list. */
export interface ListedProcedure {
  readonly name: string;
  readonly kind: string | null;
  readonly summary: string;
}

/** The description of the server that the page came from. */
export interface ServerDescription {
  /** Path of the calls. */
  readonly rpc: string;
  /** An upstream server executes the calls. */
  readonly hasUpstream: boolean;
  readonly title: string;
  readonly procedures: readonly ListedProcedure[];
}

/** The details of one procedure. */
export interface DescribedProcedure {
  readonly name: string;
  readonly kind: string | null;
  readonly doc: string;
  readonly signature: string;
  readonly types: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    readonly schema: Schema;
    readonly required: boolean;
  }[];
  /** Sample arguments; absent with an upstream server, so that its forms start empty. */
  readonly example?: Readonly<Record<string, Json>>;
}

const path = location.pathname.replace(/\/$/, "");
/** The path of the page. */
export const PAGE = path === "" ? "/explorer" : path;

/** Loads the description of the server. */
export function loadServer(): Promise<ServerDescription> {
  return load("/procedures");
}

/** Loads a procedure. `seed` selects other sample arguments. */
export function loadProcedure(name: string, seed?: string): Promise<DescribedProcedure> {
  const example = seed === undefined ? "" : `&example=${seed}`;
  return load(`/procedure?name=${encodeURIComponent(name)}${example}`);
}

async function load<T>(path: string): Promise<T> {
  const response = await fetch(`${PAGE}${path}`);
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
  return await response.json() as T;
}
