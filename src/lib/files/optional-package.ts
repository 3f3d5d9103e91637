/** A package that a part of the lab needs, and that is not installed or does not load. */
export class MissingPackageError extends Error {
  override name = 'MissingPackageError';

  constructor(
    /** As npm calls it. */
    readonly packageName: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The packages that the npm package does without until they are used, as npm is asked for them: "sharp@0.35 vega@5". Set
 * by its build alone; in a checkout the set-up installs every package.
 */
const PEERS = (globalThis as { STFPM_PEERS?: string }).STFPM_PEERS;

/** Whether this is the npm package, and not a checkout. */
export const isPackaged = (): boolean => PEERS !== undefined;

/**
 * Loads a package that a part of the lab needs and that the others do without.
 *
 * @param name as npm calls it
 * @param need what needs it: "Reading image files"
 * @param load requires it; the name stands there in full, for bundlers
 * @param command what makes it, where it is not installed by its name alone
 * @throws MissingPackageError with the command that installs it
 */
export function loadOptional<T>(name: string, need: string, load: () => T, command?: string): T {
  try {
    return load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const [firstLine] = message.split('\n');
    const isMissing = code === 'MODULE_NOT_FOUND' && firstLine.includes(`'${name}`);
    const found = isMissing ? 'none' : `one that does not load: ${firstLine}`;
    // Without install scripts: onnxruntime-node's downloads CUDA's libraries, tfjs-node's a TensorFlow of 2022, and
    // none of these packages needs its own.
    const asked = PEERS?.split(' ').find((peer) => peer.startsWith(`${name}@`)) ?? name;
    const install = command ?? `npm install --ignore-scripts ${asked}`;
    throw new MissingPackageError(
      name,
      `${need} needs the package ${name}, found ${found}. Run \`${isPackaged() ? install : 'npm run setup'}\`.`,
      { cause },
    );
  }
}
