// What every cell has without importing it; see display.mjs.

/**
 * Shows values below the cell, each as a cell's last value is shown: pictures, charts, tensors, and text where there is
 * nothing richer. Ready at once, unless a value takes its time to draw itself: then it can be awaited.
 */
declare function display(...values: unknown[]): Promise<void>;

/**
 * Removes what the cell has printed and shown so far.
 * @param options with `wait`, which is the default, it stays until there is something new, so that nothing flickers
 */
declare function clearOutput(options?: { wait?: boolean }): void;

/**
 * HTML that is shown as such: html`<b>${name}</b>`. What is put into the template is shown as text unless it is HTML.
 */
declare function html(
  strings: TemplateStringsArray | string,
  ...values: unknown[]
): { readonly text: string };
