import { expect, test } from 'vitest';
import { annotationWarnings, portFaults } from '../../../../providers/aws/desired/port-annotations.ts';
import { settings, web } from '../samples.ts';

test.each([
  ['80', []],
  ['http', []],
  ['81', [expect.stringMatching(/the Service has no port "81": it has 80\/TCP \(http\)/)]],
])('the PROXY protocol for port %s', (ports, faults) => {
  expect(portFaults({ loadBalancer: web, settings: settings({ 'proxy-protocol-per-target-group': ports }) })).toEqual(
    faults,
  );
});

test('attributes for a port that is not there are a Warning', () => {
  const asked = { 'target-group-attributes.80': 'a.b=1', 'target-group-attributes.81': 'a.b=1' };
  expect(annotationWarnings({ loadBalancer: web, settings: settings(asked) })).toEqual([
    {
      reason: 'AnnotationWithoutEffect',
      message: expect.stringMatching(/target-group-attributes\.81: the Service has no such port/),
    },
  ]);
});
