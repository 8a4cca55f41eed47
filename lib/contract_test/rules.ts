/** The rules of `pyrpc test`, each with its finding. */
export const TEST_RULES = {
  "http-status": "The server answers with an HTTP status other than 2xx.",
  "connection-closed": "The server closes the connection before its answer is complete.",
  "no-answer": "The server does not answer within --timeout.",
  "server-ended": "The server accepts no further connections after this call.",
  "not-an-answer": "The answer does not have pyRPC's form (id, result, error).",
  "wrong-id": "The answer has the id of another call.",
  "result-type": "The result does not fit the contract.",
  "return-validation": "The procedure returns a value that its own return type rejects.",
  "refuses-valid": "Arguments that the contract allows are rejected.",
  "accepts-invalid": "Arguments that the contract forbids are accepted.",
  "error-code": "The error has another code than the contract requires.",
  "unwritten-rule":
    "Arguments are rejected for a reason that no schema contains, such as a validator.",
  "value-form":
    "The contract allows a number and a string; the finding names the one that is sent.",
  "not-tested": "No arguments that fit the contract could be generated.",
} as const;

/** The name of a rule. */
export type TestRule = keyof typeof TEST_RULES;
