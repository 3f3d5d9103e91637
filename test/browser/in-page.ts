/**
 * A function to run in the browser's page. It is made from text, because the page knows nothing of this program's types,
 * nor of the helpers that a compiler puts into functions.
 *
 * @param parameter the name of its parameter, an element of the page or a list of them
 */
export function inPage<Result>(parameter: string, body: string): (element: unknown) => Result {
  return new Function(parameter, body) as (element: unknown) => Result;
}
