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

/**
 * Asks the reader for a line of text, and waits for it.
 * @param message the question
 * @param preset what an empty answer stands for
 * @throws where the front end takes no input, such as a notebook that is run by a command
 */
declare function prompt(message?: string, preset?: string): string;

/**
 * Asks the reader a question that y (or yes) answers with true, anything else with false, and waits for it.
 * @throws where the front end takes no input, such as a notebook that is run by a command
 */
declare function confirm(message?: string): boolean;
