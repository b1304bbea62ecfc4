import { expect, test } from 'vitest';
import { kinds, rpcOf } from '../../../../providers/gcp/client/kinds.ts';
import { type Method, type MethodName, methods } from '../../../../providers/gcp/client/methods.ts';
import { collections } from '../../../support/gcp/kinds/kinds.ts';
import { computeSchema } from '../../../support/gcp/schema/schema.ts';

const names = Object.keys(methods) as MethodName[];
const routes = computeSchema().routes([...new Set(names.map(name => rpcOf(name).service))]);

test.each(names)('%s is a method of the API, and changes something exactly where the API says so', name => {
  const { service, rpc } = rpcOf(name);
  const route = routes.find(one => one.service === service && one.rpc === rpc);
  expect(route).toBeDefined();
  const { mutating }: Method = methods[name];
  expect(mutating).toBe(route?.operations !== undefined);
});

test.each(Object.entries(kinds))('%s are named as in the schema', (kind, { service, key, body, message, scope }) => {
  const own = routes.filter(one => one.service === service);
  expect(collections[service]).toBe(kind);
  const { fields } = own.find(one => ['Get', 'List'].includes(one.rpc))?.request ?? { fields: {} };
  const place = { region: ['project', 'region'], zone: ['project', 'zone'], global: ['project'], none: ['project'] }[
    scope
  ];
  expect(Object.keys(fields)).toEqual(expect.arrayContaining(place));
  const keyOf = own.find(one => one.rpc === 'Get')?.request.fields ?? { [key]: {} };
  expect(Object.keys(keyOf)).toContain(key);
  const made = own.find(one => one.rpc === 'Insert')?.body ?? { field: body, message: { name: message } };
  expect([made.field, made.message.name]).toEqual([body, message]);
});
