import { expect, it } from 'vitest';
import { curlOf, portOf, urlOf, validPort } from './address';

it.each([
  ['127.0.0.1:3001', '3001'],
  ['http://127.0.0.1:8080/', '8080'],
  ['[::1]:3001', '3001'],
  ['localhost', ''],
])('finds the port in %s', (address, port) => expect(portOf(address)).toBe(port));

it('makes a URL of an address', () => {
  expect(urlOf('127.0.0.1:3001')).toBe('http://127.0.0.1:3001');
  expect(urlOf('http://localhost:1')).toBe('http://localhost:1');
});

it.each(['1', '3001', '65535', ' 80 '])('takes %j as a port', (text) => expect(validPort(text)).toBe(true));
it.each(['', '0', '65536', '-1', '80a', '1e3', '8.0'])('refuses %j as a port', (text) =>
  expect(validPort(text)).toBe(false),
);

it('writes an order for a terminal', () => {
  expect(curlOf('127.0.0.1:3001', 7)).toBe('curl http://127.0.0.1:3001/status -H "X-Cliente-Id: 7"');
});
