/** A line to a server on which everything that is asked takes its time. What is answered comes at once: so each call has the delay once. */

import { connect, createServer, type Socket } from 'node:net';

/** A line that is open. */
export interface SlowLine {
  readonly url: string;
  /** Ends it, and every connection on it. */
  readonly close: () => void;
}

/** What comes in on one side goes out on the other so much later, in its order. */
function passLater(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => void setTimeout(() => void to.write(chunk), delayMs));
  from.on('end', () => void setTimeout(() => void to.end(), delayMs));
}

/**
 * Opens a line to the server at `target` on a free port of this machine. It reads nothing of what passes: a relay that understood HTTP
 * would take as much of the processor as what is measured.
 */
export async function openSlowLine(target: string, delayMs: number): Promise<SlowLine> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => void sockets.delete(socket));
      // Whoever is at the other end of it sees it end.
      socket.on('error', () => [near, far].forEach((one) => one.destroy()));
    }
    passLater(near, far, delayMs);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the line has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
