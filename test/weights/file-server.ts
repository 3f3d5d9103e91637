import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a test's server treats a request, the first one, the second one, and so on. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  server: FileServer,
) => void;

/** A local server that treats each request by the next answer, and the rest by the last one. */
export class FileServer {
  /** The Range header of each request so far, and its path. */
  readonly ranges: (string | undefined)[] = [];
  readonly paths: (string | undefined)[] = [];
  /** An answer that has sent only the content up to `until` and keeps the client waiting. */
  waiting: { response: ServerResponse; until: number } | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(...answers: Answer[]): Promise<FileServer> {
    const http = createServer((request, response) => {
      const answer = answers[Math.min(server.ranges.length, answers.length - 1)];
      server.ranges.push(request.headers.range);
      server.paths.push(request.url);
      answer(request, response, server);
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const server = new FileServer(http, `http://127.0.0.1:${port}`);
    return server;
  }

  /**
   * Breaks the connection of a waiting answer once the client has all that was sent. (A client may
   * drop what it has not looked at when a connection breaks.)
   */
  readonly breakOnArrival = (received: number): void => {
    if (this.waiting && received >= this.waiting.until) {
      this.waiting.response.destroy();
      this.waiting = undefined;
    }
  };

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Serves content, from the position on that is asked for; with `until`, keeps the rest back. */
export function serve(content: Uint8Array, until?: number): Answer {
  return (request, response, server) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    const headers = { 'content-length': content.length - start };
    if (start > 0) response.writeHead(206, { ...headers, 'content-range': range });
    else response.writeHead(200, headers);
    send(server, response, content.subarray(start, until), until);
  };
}

/** Serves content from its beginning, whatever is asked for. */
export function serveWithoutRange(content: Uint8Array, until?: number): Answer {
  return (_request, response, server) => {
    response.writeHead(200, { 'content-length': content.length });
    send(server, response, content.subarray(0, until), until);
  };
}

function send(
  server: FileServer,
  response: ServerResponse,
  part: Uint8Array,
  until: number | undefined,
): void {
  if (until === undefined) {
    response.end(part);
  } else {
    server.waiting = { response, until };
    response.write(part);
  }
}
