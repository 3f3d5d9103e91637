import * as fs from 'fs';
import * as path from 'path';
import envPaths from 'env-paths';

/**
 * Where `stfpm setup` of the npm package makes the training engine: the folder that the environment variable
 * STFPM_ENGINE names, else one in the user's cache, which serves all of the user's projects.
 */
export function engineFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return path.resolve(
    env.STFPM_ENGINE ?? path.join(envPaths('stfpm-lab', { suffix: '' }).cache, 'engine'),
  );
}

/** The addon's package in that folder; null where nothing has been set up. In a checkout it is a package like others. */
export function ownEnginePackage(): string | null {
  const folder = path.join(engineFolder(), 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  return fs.existsSync(folder) ? folder : null;
}
