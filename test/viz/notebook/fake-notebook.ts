import { DISPLAY_HOOK } from '../../../src/viz/notebook/display';
import type { DisplayMessage } from '../../../src/viz/notebook/display';

export interface Sent {
  message: DisplayMessage;
  update: boolean;
}

/** Puts the kernel's display function in place for the tests of the enclosing `describe`. */
export function fakeNotebook(): { sent: Sent[] } {
  const sent: Sent[] = [];
  const scope = globalThis as { [DISPLAY_HOOK]?: unknown };
  beforeEach(() => {
    sent.length = 0;
    scope[DISPLAY_HOOK] = (message: DisplayMessage, update: boolean) =>
      void sent.push({ message, update });
  });
  afterEach(() => delete scope[DISPLAY_HOOK]);
  return { sent };
}
