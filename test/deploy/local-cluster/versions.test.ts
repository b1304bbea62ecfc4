import { expect, test } from 'vitest';
import { chooseVersion, parseVersion } from '../../../deploy/local-cluster/versions.mjs';

test.each([
  { text: undefined, wanted: { version: 'v1.36.3', exact: false } },
  { text: '', wanted: { version: 'v1.36.3', exact: false } },
  { text: '1.34', wanted: { version: 'v1.34.4', exact: false } },
  { text: 'v1.33', wanted: { version: 'v1.33.13', exact: false } },
  { text: '1.35.0', wanted: { version: 'v1.35.0', exact: true } },
  { text: 'v1.34.4', wanted: { version: 'v1.34.4', exact: true } },
])('K8S_VERSION=$text asks for $wanted.version', ({ text, wanted }) => {
  expect(parseVersion(text)).toEqual(wanted);
});

test.each(['1.20', 'latest', '1.34.4-rc.1', '1.34 '])('K8S_VERSION=%s is refused with the choice', text => {
  expect(() => parseVersion(text)).toThrow('give one of 1.33, 1.34, 1.35, 1.36');
});

test.each([
  { title: 'the wanted patch wins', versions: ['v1.36.4', 'v1.36.3'], exact: false, chosen: 'v1.36.3' },
  {
    title: 'else the newest by number',
    versions: ['v1.36.2', 'v1.36.10', 'v1.35.4'],
    exact: false,
    chosen: 'v1.36.10',
  },
  { title: 'an exact wish takes no other', versions: ['v1.36.2'], exact: true, chosen: undefined },
  { title: 'no other minor will do', versions: ['v1.35.4'], exact: false, chosen: undefined },
  {
    title: 'no beta, and no other file, will do',
    versions: ['v1.36.0-beta.0', '1.36.lock', 'go'],
    exact: false,
    chosen: undefined,
  },
])('$title', ({ versions, exact, chosen }) => {
  expect(chooseVersion(versions, { version: 'v1.36.3', exact })).toBe(chosen);
});
