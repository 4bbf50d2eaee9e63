#!/usr/bin/env node
/// <reference types="node" />
// Plain JavaScript, so that any Node can read it far enough to say that it is too old: the rest is TypeScript, which Node 24 runs as it is.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const OLDEST = 24;
const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  // To compile what the command is made of takes longer than most of what it does. By content, beside the packages: no other user's to write.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/runbook-compiled', import.meta.url)));
  const { start } = await import('./process.ts');
  await start();
} else if (existsSync(own) && process.env.RUNBOOK_NODE === undefined) {
  // `npm ci` brings Node 24 for Linux and Windows; the variable keeps a broken installation from starting itself for ever.
  const { status, signal } = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, RUNBOOK_NODE: own },
  });
  if (signal !== null) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
} else {
  process.stderr.write(
    `runbook: needs Node ${OLDEST} or newer, this is ${process.versions.node}: run \`npm ci\`, or on macOS install Node ${OLDEST}\n`,
  );
  process.exitCode = 2;
}
