import { displayRoute } from './route';
import { toMessage } from './to-message';

/**
 * Shows an object in the notebook, with the richest picture of it that the reader's program knows;
 * outside of a notebook it prints the object's text.
 */
export async function display(object: unknown): Promise<void> {
  // The route is looked up first, so that the output belongs to the cell that asked for it.
  const send = displayRoute();
  send(await toMessage(object), false);
}
