import * as http from 'http';
import * as https from 'https';
import { shellQuoted } from './engine';
import type { Engine, Job, JobState } from './engine';
import type { PlanNode } from './plan';

export interface RayOptions {
  /** Of the dashboard, e.g. http://127.0.0.1:8265. */
  address: string;
  /** Of a cluster that asks for one. */
  token?: string;
  /** Jobs that the cluster is given at once. It fails those that wait for 15 minutes. */
  inFlight: number;
  /** Ray's run-time environment, e.g. { working_dir, env_vars }. */
  runtimeEnv?: Record<string, unknown>;
}

const TIMEOUT_MILLISECONDS = 30_000;
const ENDED = ['STOPPED', 'SUCCEEDED', 'FAILED'];

/** Jobs of an existing Ray cluster, by its Jobs REST interface. Its nodes share the folders of data and runs. */
export class RayEngine implements Engine {
  readonly name = 'ray';
  readonly endsWithCoordinator = false;

  constructor(private readonly options: RayOptions) {}

  async open(): Promise<void> {
    const response = await this.ask('GET', '/api/version');
    const version = response.ok ? (json(response) as { ray_version?: string }) : null;
    if (version?.ray_version !== undefined) return;
    throw new Error(
      `${this.options.address}: expected the dashboard of a Ray cluster, found ${
        response.status === 401 || response.status === 403
          ? 'one that refuses the token'
          : `another server (status ${response.status})`
      }.`,
    );
  }

  hasRoom(_: PlanNode, active: readonly PlanNode[]): boolean {
    return active.length < this.options.inFlight;
  }

  async submit({ submission, node, command, env, log }: Job): Promise<Record<string, string>> {
    const { runtimeEnv = {} } = this.options;
    const known = await this.find(submission);
    if (known !== null) return { address: this.options.address };
    const response = await this.ask('POST', '/api/jobs/', {
      submission_id: submission,
      entrypoint: `exec ${shellQuoted(command)} >> ${shellQuoted([log])} 2>&1`,
      entrypoint_num_cpus: node.cpus,
      entrypoint_num_gpus: node.gpus,
      entrypoint_memory: Math.round(1e6 * node.memory),
      runtime_env: {
        ...runtimeEnv,
        env_vars: { ...env, ...(runtimeEnv.env_vars as Record<string, string> | undefined) },
      },
      metadata: { stfpm_node: node.name },
    });
    if (response.ok) return { address: this.options.address };
    const said = response.text.slice(-300).trim();
    throw new Error(
      `${this.options.address}: expected Ray to take ${submission}, found status ${response.status}: ${said}`,
    );
  }

  async states(submissions: readonly { id: string }[]): Promise<Map<string, JobState>> {
    const states = new Map<string, JobState>();
    for (const { id } of submissions) {
      const status = (await this.find(id))?.status;
      if (status === undefined || ENDED.includes(status)) states.set(id, 'ended');
      else states.set(id, status === 'PENDING' ? 'waiting' : 'running');
    }
    return states;
  }

  async logs(submission: string): Promise<string> {
    const job = await this.find(submission);
    const response = await this.ask('GET', `/api/jobs/${submission}/logs`);
    const { logs = '' } = response.ok ? (json(response) as { logs?: string }) : {};
    return [job?.message ?? '', logs].join('\n').trim();
  }

  async cancel({ id }: { id: string }): Promise<void> {
    await this.ask('POST', `/api/jobs/${id}/stop`);
  }

  /** Null where the cluster does not know it. */
  private async find(id: string): Promise<{ status?: string; message?: string } | null> {
    const response = await this.ask('GET', `/api/jobs/${id}`);
    if (response.status === 404) return null;
    if (response.ok) return json(response) as { status?: string };
    throw new Error(
      `${this.options.address}: expected the state of ${id}, found status ${response.status}.`,
    );
  }

  /** By Node's own client: `fetch` sends the headers of a browser, and Ray refuses a browser's requests. */
  private async ask(method: string, where: string, body?: unknown): Promise<Answer> {
    const { address, token } = this.options;
    try {
      return await request(new URL(where, address), method, body, {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      });
    } catch (cause) {
      const { message, code } = cause as NodeJS.ErrnoException;
      throw new Error(
        `${address}: expected the dashboard of a Ray cluster (\`ray start --head\`; --address ` +
          `http://HOST:8265), found no answer (${message || code}).`,
        { cause },
      );
    }
  }
}

interface Answer {
  status: number;
  ok: boolean;
  text: string;
}

function request(
  url: URL,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const { request: begin } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    const asked = begin(url, { method, headers: { ...headers, ...type }, signal }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () => {
        const status = response.statusCode ?? 0;
        const ok = status >= 200 && status < 300;
        resolve({ status, ok, text: Buffer.concat(parts).toString('utf8') });
      });
    });
    asked.once('error', reject);
    asked.end(text);
  });
}

function json({ text }: Answer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}
