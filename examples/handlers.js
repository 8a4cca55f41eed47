// Functions for some procedures of examples/shop.schema.json: pyrpc mock examples/shop.schema.json --handlers examples/handlers.js
// The others answer with values that are made up.

export function add(a, b) {
  return a + b;
}
