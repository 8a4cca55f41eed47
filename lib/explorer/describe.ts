import type { Contract, Json, JsonObject, JsonSchema } from "../contract/mod.ts";
import { createSampler } from "../mock/values/mod.ts";

/** A procedure in the explorer's list. */
export interface ListedProcedure {
  readonly name: string;
  readonly kind: string | null;
  readonly summary: string;
}

/** What the explorer shows of one procedure. */
export interface DescribedProcedure {
  readonly name: string;
  readonly kind: string | null;
  readonly doc: string;
  /** As a TypeScript client calls it. */
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
 * Describes one procedure; `undefined` where the contract has none of that name. `seed` selects the sample arguments; without
 * one there are none.
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
  // The generator of types is needed once somebody looks, not when the mock starts.
  const { generateTypes, signatureOf, usedDeclarations } = await import("../codegen/mod.ts");
  const { procedures, declarations } = generateTypes(contract);
  const generated = new Map(procedures.map((procedure) => [procedure.name, procedure]));
  const sampler = createSampler();
  return (name: string, seed: string | undefined): DescribedProcedure | undefined => {
    const procedure = contract.procedures.get(name);
    if (procedure === undefined) return undefined;
    const typed = generated.get(name);
    const signature = typed === undefined ? name : signatureOf(typed);
    const values = seed === undefined ? undefined : sampler.arguments(procedure, seed);
    const example = values === undefined ? undefined : Object.fromEntries(
      procedure.parameters.filter(({ required }) => required || seed !== "")
        .map(({ name }) => [name, values[name]!]),
    );
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
      ...(example === undefined ? {} : { example }),
    };
  };
}
