// Functions for some procedures of examples/shop.schema.json: pyrpc mock examples/shop.schema.json --handlers examples/handlers.js
// The other procedures answer with generated values.

export function add(a, b) {
  return a + b;
}
