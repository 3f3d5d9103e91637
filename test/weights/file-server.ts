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
  /** The path of each request so far. */
  readonly paths: (string | undefined)[] = [];
  /** An answer that has sent only the content up to `until` and keeps the client waiting. */
  waiting: { response: ServerResponse; until: number } | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(...answers: Answer[]): Promise<FileServer> {
    const http = createServer((request, response) => {
      const answer = answers[Math.min(server.paths.length, answers.length - 1)];
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

/** Serves content; with `until`, keeps the rest back. */
export function serve(content: Uint8Array, until?: number): Answer {
  return (_request, response, server) => {
    response.writeHead(200, { 'content-length': content.length });
    if (until === undefined) {
      response.end(content);
    } else {
      server.waiting = { response, until };
      response.write(content.subarray(0, until));
    }
  };
}
