/** Fetches ElasticMQ, SQS as others wrote it, and runs it. */

import { join } from 'node:path';
import { DeleteQueueCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { ROOT } from '../../build/cloudformation.ts';
import { classPathOf, fetchTool, type JavaTool } from '../../build/maven.ts';
import { clientsFor } from '../place.ts';
import { startServer, type Server } from '../server.ts';

const ELASTICMQ: JavaTool = { folder: 'elasticmq', pom: 'conformance/elasticmq/pom.xml' };

/** A hundred thousand messages, or a thousand large ones, with room to spare. */
const HEAP = '-Xmx2g';

/**
 * Fetches ElasticMQ, unless it is there in the same version.
 * @returns its version
 * @throws ToolUnavailable without Java or Maven
 */
export async function fetchElasticMq(): Promise<string> {
  return /<artifactId>elasticmq-server[^]*?<version>([^<]+)</u.exec(await fetchTool(ELASTICMQ))?.[1] ?? 'unknown';
}

/** ElasticMQ, as it runs. */
export interface ElasticMq extends Server {
  /** Forgets everything, so that a scenario begins with nothing. */
  readonly reset: () => Promise<void>;
}

/** Starts the server on a free port of this machine. Stop it, or the process does not end. */
export async function startElasticMq(): Promise<ElasticMq> {
  const server = await startServer({
    program: 'java',
    args: (port) => [
      HEAP,
      `-Dconfig.file=${join(ROOT, 'conformance', 'elasticmq', 'elasticmq.conf')}`,
      '-Drest-sqs.bind-hostname=127.0.0.1',
      `-Drest-sqs.bind-port=${port}`,
      '-cp',
      classPathOf(ELASTICMQ),
      'org.elasticmq.server.Main',
    ],
    environment: () => ({}),
    health: '/',
  });
  const { sqs } = clientsFor(server.url);
  const reset = async (): Promise<void> => {
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    for (const QueueUrl of QueueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  };
  return { ...server, reset };
}
