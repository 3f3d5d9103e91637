import path from 'node:path';
import { inspect } from 'node:util';
import { DISPLAY_METADATA, isDisplayable, JUPYTER_DISPLAY } from '../display/mime-bundle';
import type { MimeBundle, MimeMetadata } from '../display/mime-bundle';

/**
 * Shows an object in the notebook, with the richest picture of it that the reader's program knows;
 * outside a notebook it prints the object's text.
 */
export async function display(object: unknown): Promise<void> {
  // The route is looked up first, so that the output belongs to the cell that asked for it.
  const send = displayRoute();
  send(await toMessage(object), false);
}

/** The message that shows an object: its own bundle if it has one, otherwise its plain text. */
export async function toMessage(object: unknown, displayId?: string): Promise<DisplayMessage> {
  const transient = displayId === undefined ? {} : { display_id: displayId };
  if (isDisplayable(object)) {
    const data = await object[JUPYTER_DISPLAY]();
    return { data, metadata: object[DISPLAY_METADATA]?.() ?? {}, transient };
  }
  const text = typeof object === 'string' ? object : inspect(object);
  return { data: { 'text/plain': text }, metadata: {}, transient };
}

/** A message that shows an output, as Jupyter's `display_data` has it. */
export interface DisplayMessage {
  data: MimeBundle;
  metadata: MimeMetadata;
  /** With a display id the output can be replaced later. */
  transient: { display_id?: string };
}

/** Sends a message; with `update` it replaces the output that has the same display id. */
export type SendDisplay = (message: DisplayMessage, update: boolean) => void;

/** The kernel's own entry: a function of type `SendDisplay` on the global object. */
export const DISPLAY_HOOK = Symbol.for('stfpm.display');

/**
 * The way to the notebook, in this order: the hook of this project's kernel, stock tslab, or the
 * console with the plain text.
 */
export function displayRoute(): SendDisplay {
  const hook = (globalThis as { [DISPLAY_HOOK]?: unknown })[DISPLAY_HOOK];
  if (typeof hook === 'function') return hook as SendDisplay;
  return tslabRoute() ?? printRoute;
}

/** Looks among the loaded modules only: loading tslab outside a kernel would open sockets. */
function tslabRoute(): SendDisplay | undefined {
  const ending = path.join('tslab', 'dist', 'jupyter.js');
  const file = Object.keys(require.cache).find((name) => name.endsWith(ending));
  const send: unknown = file && require.cache[file]?.exports?.lastWriteDisplayData;
  return typeof send === 'function' ? (send as SendDisplay) : undefined;
}

function printRoute({ data }: DisplayMessage): void {
  console.log(data['text/plain']);
}
