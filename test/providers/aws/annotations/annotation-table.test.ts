import { expect, test } from 'vitest';
import {
  annotationKey,
  annotationTable,
  restrictedAnnotations,
  unsupportedAnnotations,
} from '../../../../providers/aws/annotations/annotation-table.ts';

const rows = Object.values(annotationTable);

test('every annotation has one row, with a meaning', () => {
  const suffixes = rows.map(row => row.suffix);
  expect(new Set(suffixes).size).toBe(suffixes.length);
  for (const row of rows) {
    expect(row.suffix).toMatch(/^[a-z0-9-]+$/);
    expect(row.syntax.shape).not.toBe('');
    expect(row.help).toMatch(/\.$/);
  }
});

test('nothing is supported and not supported', () => {
  const both = Object.keys(unsupportedAnnotations).filter(suffix => rows.some(row => row.suffix === suffix));
  expect(both).toEqual([]);
});

test('what reaches beyond the Service’s own balancer needs a release', () => {
  expect(restrictedAnnotations()).toEqual(
    (['securityGroups', 'logsEnabled', 'logsBucket', 'logsPrefix'] as const).map(annotationKey),
  );
});
