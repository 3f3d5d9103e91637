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

/** Set where the build of the npm package names it; in a checkout the set-up installs every package. */
export const isPackaged = (): boolean =>
  Boolean((globalThis as { STFPM_PACKAGED?: boolean }).STFPM_PACKAGED);

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
    const install = command ?? `npm install --ignore-scripts ${name}`;
    throw new MissingPackageError(
      name,
      `${need} needs the package ${name}, found ${found}. Run \`${isPackaged() ? install : 'npm run setup'}\`.`,
      { cause },
    );
  }
}
