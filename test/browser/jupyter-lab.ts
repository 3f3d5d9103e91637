import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '..', '..');
/** Where notebooks to open and screenshots go; ignored by git. */
export const FOLDER = path.join(ROOT, 'reports', 'browser');

const TOKEN = 'browser-test';
const START_SECONDS = 60;

/** JupyterLab as `npm run lab` starts it, on a port of its own. */
export class JupyterLab {
  private constructor(
    private readonly child: ChildProcess,
    private readonly settings: string,
    private readonly port: number,
  ) {}

  static async start(env: NodeJS.ProcessEnv = {}): Promise<JupyterLab> {
    const port = await freePort();
    const settings = mkdtempSync(path.join(tmpdir(), 'lab-settings-'));
    writeSettings(settings);
    const child = spawn(
      path.join(ROOT, '.venv', 'bin', 'python'),
      [
        ...['-I', '-m', 'jupyterlab', '--no-browser', '--allow-root'],
        `--config=${path.join(ROOT, 'environment', 'jupyter-lab-config.py')}`,
        ...[`--ServerApp.port=${port}`, '--ServerApp.port_retries=0'],
        `--IdentityProvider.token=${TOKEN}`,
        // What a cell came to can be asked of the application itself.
        '--LabApp.expose_app_in_browser=True',
      ],
      {
        cwd: ROOT,
        env: { ...process.env, ...env, JUPYTERLAB_SETTINGS_DIR: settings },
        stdio: 'ignore',
      },
    );
    const lab = new JupyterLab(child, settings, port);
    try {
      await lab.isReady();
    } catch (error) {
      await lab.stop();
      throw error;
    }
    return lab;
  }

  /** @param file a notebook below the project's root */
  address(file: string): string {
    const place = path.relative(ROOT, file).split(path.sep).join('/');
    return `http://localhost:${this.port}/lab/tree/${place}?token=${TOKEN}&reset`;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const closed = new Promise((resolve) => this.child.once('close', resolve));
      this.child.kill('SIGTERM');
      await closed;
    }
    rmSync(this.settings, { recursive: true, force: true });
  }

  private async isReady(): Promise<void> {
    const end = Date.now() + 1000 * START_SECONDS;
    while (Date.now() < end) {
      if (this.child.exitCode !== null) break;
      try {
        const answer = await fetch(`http://localhost:${this.port}/api/status?token=${TOKEN}`);
        if (answer.ok) return;
      } catch {
        // Nobody listens yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`JupyterLab did not start within ${START_SECONDS} s.`);
  }
}

/** All cells stay in the page, so that each can be looked at. */
function writeSettings(folder: string): void {
  const write = (name: string, content: object): void => {
    const file = path.join(folder, `${name}.jupyterlab-settings`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(content));
  };
  write('@jupyterlab/notebook-extension/tracker', { windowingMode: 'none' });
  write('@jupyterlab/apputils-extension/notification', {
    fetchNews: 'false',
    checkForUpdates: false,
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
