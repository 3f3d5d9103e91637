import { inspect } from 'node:util';
import { DISPLAY_METADATA, isDisplayable, JUPYTER_DISPLAY } from '../display/mime-bundle';
import type { DisplayMessage } from './route';

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
