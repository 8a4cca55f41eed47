/** Published as `@pyrpc/client/contract`: detects that the deployed contract differs from the generated types. @module */
export { type ContractHashes, contractHashes } from "./contract_hash.ts";
export { type ContractChange, contractLink, type ContractLinkOptions } from "./contract_link.ts";
