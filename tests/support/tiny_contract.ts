/** The smallest contract that has a procedure. */
export const TINY = {
  add: {
    name: "add",
    parameters: [
      {
        name: "a",
        type: "<class 'int'>",
        schema_: { type: "integer" },
        required: true,
        default: null,
      },
      {
        name: "b",
        type: "<class 'int'>",
        schema_: { type: "integer" },
        required: true,
        default: null,
      },
    ],
    return_type: "<class 'int'>",
    return_schema: { type: "integer" },
    doc: "",
    is_async: false,
    kind: "query",
  },
};

export const TINY_TEXT = JSON.stringify(TINY);
