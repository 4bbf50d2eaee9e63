/** What the production dependencies are, under which licences, and what the scripts about them say. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditVerdict } from '../../build/audit.ts';
import { ROOT } from '../../build/cloudformation.ts';
import { LICENCES_PAGE, licencesPage, PERMISSIVE } from '../../build/licences.ts';
import { productionPackages } from '../../build/lockfile.ts';
import { sbom } from '../../build/sbom.ts';

const PACKAGES = productionPackages();

describe('production dependencies', () => {
  it('are what is deployed, and not what only tests need', () => {
    const names = PACKAGES.map(({ name }) => name);
    expect(names).toContain('@aws-sdk/client-ec2');
    expect(names).toContain('@middy/core');
    expect(names).not.toContain('vitest');
  });

  it('have permissive licences, every one', () => {
    expect(PACKAGES.filter(({ license }) => license === undefined || !PERMISSIVE.includes(license))).toEqual([]);
    expect(PERMISSIVE.filter((license) => /GPL|MPL|EPL|CDDL|SSPL|BUSL/u.test(license))).toEqual([]);
  });

  it('are under the licence that the lockfile says', () => {
    const manifest = z.looseObject({ license: z.string() });
    const differing = PACKAGES.filter(({ name, license }) => {
      // Another platform's Node is in the lockfile and not installed here.
      if (name.startsWith('node-')) return false;
      return (
        manifest.parse(JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))).license !==
        license
      );
    });
    expect(differing).toEqual([]);
  });

  it('are listed on a page that is current; npm run licences writes it', () => {
    expect(readFileSync(join(ROOT, LICENCES_PAGE), 'utf8')).toBe(licencesPage());
  });
});

describe('the bill of materials', () => {
  const made = sbom();

  it('has each of them once, with its package URL and its licence, and none beside', () => {
    expect(made.metadata.component.name).toBe('runbook');
    expect(made.components.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual(
      PACKAGES.map(({ name, version }) => `${name} ${version}`).toSorted(),
    );
    for (const component of made.components) {
      expect(component.purl).toMatch(/^pkg:npm\//u);
      expect(component['licenses']).toHaveLength(1);
      expect(component['hashes']).toHaveLength(1);
    }
  });

  it('says who needs whom, without anything that is not in it', () => {
    const refs = new Set([
      made.metadata.component['bom-ref'],
      ...made.components.map((component) => component['bom-ref']),
    ]);
    expect(made.dependencies).toHaveLength(refs.size);
    expect(made.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
    const needed = made.dependencies.find(({ ref }) => ref.startsWith('@middy/core@'));
    expect(needed?.dependsOn.map((ref) => ref.replace(/@[^@]+$/u, ''))).toEqual([
      '@aws/durable-execution-sdk-js',
      '@middy/util',
    ]);
  });
});

describe('the audit', () => {
  const clean = {
    auditReportVersion: 2,
    vulnerabilities: {},
    metadata: { vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0 } },
  };

  it('passes when the registry knows no weakness', () => {
    expect(auditVerdict(JSON.stringify(clean))).toEqual({
      exitCode: 0,
      line: 'ok: no known weakness in the production dependencies',
    });
  });

  it('fails when it knows one, and names it', () => {
    const known = {
      ...clean,
      vulnerabilities: { fflate: { name: 'fflate', severity: 'high', range: '<0.8.4', via: [] } },
      metadata: { vulnerabilities: { high: 1, total: 1 } },
    };
    expect(auditVerdict(JSON.stringify(known))).toEqual({
      exitCode: 1,
      line: 'FAILED: known weaknesses: fflate <0.8.4 (high)',
    });
  });

  it('says that it was skipped when the endpoint does not answer, or answers something else', () => {
    expect(
      auditVerdict(
        JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405, error: { summary: '', detail: '' } }),
      ),
    ).toEqual({ exitCode: 0, line: "skipped: npm audit: the registry's audit endpoint did not answer (status 405)" });
    expect(auditVerdict(JSON.stringify({ error: { code: 'ENOTFOUND' } }))).toEqual({
      exitCode: 0,
      line: "skipped: npm audit: the registry's audit endpoint did not answer (no connection)",
    });
    expect(auditVerdict('')).toEqual({
      exitCode: 0,
      line: 'skipped: npm audit: the registry gave no answer that could be read',
    });
  });
});
