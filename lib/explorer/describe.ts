import type { Contract, Json, JsonObject, JsonSchema, Procedure } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { createSampler } from "../mock/values/mod.ts";

/** A procedure in the explorer's list. */
export interface ListedProcedure {
  readonly name: string;
  readonly kind: string | null;
  readonly summary: string;
}

/** The details of a procedure that the explorer shows. */
export interface DescribedProcedure {
  readonly name: string;
  readonly kind: string | null;
  readonly doc: string;
  /** The signature in TypeScript. */
  readonly signature: string;
  /** The declarations that the signature uses. */
  readonly types: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    readonly schema: JsonSchema;
    readonly required: boolean;
    readonly default: Json;
  }[];
  /** Sample arguments for a first call. */
  readonly example?: JsonObject;
}

/** The procedures as the list shows them. */
export function listProcedures(contract: Contract): ListedProcedure[] {
  return [...contract.procedures.values()].map(({ name, kind, doc }) => ({
    name,
    kind: kind ?? null,
    summary: doc.trim().split("\n")[0] ?? "",
  }));
}

const describers = new WeakMap<
  Contract,
  Promise<(name: string, seed: string | undefined) => DescribedProcedure | undefined>
>();

/**
 * Describes a procedure; `undefined` if the contract does not have it. `seed` selects sample arguments; they are omitted
 * without it.
 */
export async function describeProcedure(
  contract: Contract,
  name: string,
  seed: string | undefined,
): Promise<DescribedProcedure | undefined> {
  let describer = describers.get(contract);
  if (describer === undefined) {
    describer = makeDescriber(contract);
    describers.set(contract, describer);
  }
  return (await describer)(name, seed);
}

async function makeDescriber(contract: Contract) {
  // Loaded when the first page is opened, so that the mock starts faster.
  const { generateTypes, signatureOf, usedDeclarations } = await import("../codegen/mod.ts");
  const { procedures, declarations } = generateTypes(contract);
  const generated = new Map(procedures.map((procedure) => [procedure.name, procedure]));
  const sampler = createSampler();
  const exampleOf = (procedure: Procedure, seed: string): JsonObject => {
    const values = sampler.arguments(procedure, seed);
    // The first example has required arguments only.
    const shown = procedure.parameters.filter(({ required }) => required || seed !== "");
    return Object.fromEntries(shown.map(({ name }) => [name, values[name] ?? null]));
  };
  return (name: string, seed: string | undefined): DescribedProcedure | undefined => {
    const procedure = contract.procedures.get(name);
    if (procedure === undefined) return undefined;
    const typed = generated.get(name);
    const signature = typed === undefined ? name : signatureOf(typed);
    const example = seed === undefined ? undefined : exampleOf(procedure, seed);
    return {
      name,
      kind: procedure.kind ?? null,
      doc: procedure.doc,
      signature,
      types: usedDeclarations(signature, declarations.types),
      parameters: procedure.parameters.map((one) => ({
        name: one.name,
        schema: one.schema,
        required: one.required,
        default: one.default,
      })),
      ...defined({ example }),
    };
  };
}
