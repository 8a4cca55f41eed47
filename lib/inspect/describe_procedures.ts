import {
  type GeneratedProcedure,
  type GeneratedTypes,
  generateTypes,
  inlineDoc,
  signatureOf,
  usedDeclarations,
} from "../codegen/mod.ts";
import type { Contract, Json, JsonSchema, Procedure } from "../contract/mod.ts";

/** A procedure with its types in TypeScript. */
export interface ProcedureDescription {
  readonly name: string;
  readonly kind: "query" | "mutation" | null;
  readonly async: boolean | null;
  readonly doc: string;
  /** TypeScript. */
  readonly signature: string;
  readonly parameters: readonly {
    readonly name: string;
    /** TypeScript. */
    readonly type: string;
    readonly required: boolean;
    readonly default: Json;
    /** Description and constraints as text. */
    readonly about: string;
    readonly schema: JsonSchema;
  }[];
  readonly returns: { readonly type: string; readonly about: string; readonly schema: JsonSchema };
  /** The TypeScript declarations that the signature uses. */
  readonly types: readonly string[];
}

/** Describes the procedures of a contract, or only one of them. */
export function describeProcedures(contract: Contract, only?: Procedure): ProcedureDescription[] {
  const names = only === undefined ? [...contract.procedures.keys()].sort() : [only.name];
  const describe = procedureDescriber(contract);
  return names.map(describe).filter((each) => each !== undefined);
}

/** Returns a function that describes one procedure of a contract by its name. */
export function procedureDescriber(
  contract: Contract,
  generated: GeneratedTypes = generateTypes(contract),
): (name: string) => ProcedureDescription | undefined {
  const byName = new Map(generated.procedures.map((each) => [each.name, each]));
  return (name) => {
    const procedure = contract.procedures.get(name);
    const types = byName.get(name);
    return procedure && types && describe(procedure, types, generated);
  };
}

function describe(
  procedure: Procedure,
  generated: GeneratedProcedure,
  { declarations }: GeneratedTypes,
): ProcedureDescription {
  const signature = signatureOf(generated);
  return {
    name: procedure.name,
    kind: procedure.kind ?? null,
    async: procedure.isAsync ?? null,
    doc: procedure.doc,
    signature,
    parameters: procedure.parameters.map((parameter, index) => ({
      name: parameter.name,
      type: generated.parameters[index]?.type ?? "unknown",
      required: parameter.required,
      default: parameter.default,
      about: about(parameter.schema),
      schema: parameter.schema,
    })),
    returns: { type: generated.result, about: about(procedure.result), schema: procedure.result },
    types: usedDeclarations(signature, declarations.types),
  };
}

// Comments of generated files escape the end of a comment.
function about(schema: JsonSchema): string {
  return inlineDoc(schema).replaceAll("*\\/", "*/");
}
