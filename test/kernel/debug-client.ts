import assert from 'node:assert/strict';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type CellRun, DrivenKernel } from './driven-kernel';

/** A debugger's client, as JupyterLab is one. */
export class DebugClient {
  readonly kernel: DrivenKernel;
  private seq = 0;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.kernel = new DrivenKernel(environment);
  }

  /** Sends a request. Returns its reply. */
  async reply(command: string, given?: unknown): Promise<DebugProtocol.Response> {
    const request = { type: 'request', seq: ++this.seq, command, arguments: given };
    const reply = (await this.kernel.control('debug_request', request)) as unknown;
    return reply as DebugProtocol.Response;
  }

  /** Sends a request that has to succeed. Returns the reply's body. */
  async ask<Body>(command: string, given: unknown = {}): Promise<Body> {
    const { success, message, body } = await this.reply(command, given);
    assert.ok(success, `${command}: ${message}`);
    return body as Body;
  }

  async attach(): Promise<void> {
    await this.ask('initialize', { clientID: 'a test' });
    await this.ask('attach');
  }

  /** Sets the breakpoints of a cell. Returns its path. */
  async breakAt(code: string, ...breakpoints: DebugProtocol.SourceBreakpoint[]): Promise<string> {
    const { sourcePath } = await this.ask<{ sourcePath: string }>('dumpCell', { code });
    await this.ask('setBreakpoints', { source: { path: sourcePath }, breakpoints });
    await this.ask('configurationDone');
    return sourcePath;
  }

  begin(code: string): Promise<void> {
    return this.kernel.begin(code);
  }

  end(): Promise<CellRun> {
    return this.kernel.end();
  }

  /** Waits until the cell stops. */
  async stopped(): Promise<DebugProtocol.StoppedEvent['body']> {
    const event = await this.kernel.event(['stopped']);
    assert.ok(event !== null, 'the cell does not stop');
    return event.body as unknown as DebugProtocol.StoppedEvent['body'];
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    const body = await this.ask<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: 1,
    });
    return body.stackFrames;
  }

  /** Where the cell stands, as `function path:line`, the innermost first. */
  async stack(): Promise<string[]> {
    const frames = await this.frames();
    return frames.map(({ name, source, line }) => `${name} ${source?.path}:${line}`);
  }

  /** The variables of a scope of a frame, as `name: value`. */
  async scope(frameId: number, name: string): Promise<string[]> {
    const { scopes } = await this.ask<DebugProtocol.ScopesResponse['body']>('scopes', { frameId });
    const scope = scopes.find((one) => one.name === name);
    assert.ok(scope, `no scope ${name} among ${scopes.map((one) => one.name).join()}`);
    return this.members(scope.variablesReference);
  }

  /** Sets a variable of a scope of the innermost frame. Returns its value. */
  async set(scopeName: string, name: string, value: string): Promise<string> {
    const [{ id: frameId }] = await this.frames();
    const { scopes } = await this.ask<DebugProtocol.ScopesResponse['body']>('scopes', { frameId });
    const { variablesReference } = scopes.find((one) => one.name === scopeName) ?? {};
    const given = { variablesReference, name, value };
    return (await this.ask<DebugProtocol.SetVariableResponse['body']>('setVariable', given)).value;
  }

  /** What a reference leads to, as `name: value`. */
  async members(variablesReference: number): Promise<string[]> {
    type Body = DebugProtocol.VariablesResponse['body'];
    const { variables } = await this.ask<Body>('variables', { variablesReference });
    return variables.map(({ name, value }) => `${name}: ${value}`);
  }

  /** Takes a step. Returns where the cell stands then. */
  async step(command: 'next' | 'stepIn' | 'stepOut' | 'continue'): Promise<string> {
    await this.ask(command, { threadId: 1 });
    await this.stopped();
    return (await this.stack())[0];
  }

  /** After a test that has failed: what stands goes on, without breakpoints. */
  async goOn(): Promise<void> {
    const { breakpoints, stoppedThreads } = await this.ask<{
      breakpoints: { source: string }[];
      stoppedThreads: number[];
    }>('debugInfo');
    await this.ask('setExceptionBreakpoints', { filters: [] });
    for (const { source } of breakpoints) {
      await this.ask('setBreakpoints', { source: { path: source }, breakpoints: [] });
    }
    if (stoppedThreads.length > 0) await this.ask('continue', { threadId: 1 });
  }

  close(): Promise<void> {
    return this.kernel.close();
  }
}
