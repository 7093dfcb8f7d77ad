import assert from 'node:assert/strict';
import test from 'node:test';

import { isSecretField, isSecretKey, MASK, plainText, shownValue } from './secrets.ts';

test('a secret key shows nothing of its value', () => {
  assert.ok(isSecretKey('load_balancer.sticky_secret'));
  assert.ok(!isSecretKey('load_balancer.sticky_secret_file'));
  assert.equal(shownValue('load_balancer.sticky_secret', 'abc'), MASK);
});

test('a URL with a secret shows who is asked and nothing else', () => {
  const keys = ['database_url', 'redis_url', 'health.external_api_url', 'checks.mail.url'];
  for (const key of keys) {
    assert.ok(isSecretKey(key), key);
    assert.equal(shownValue(key, 'postgres://app:abc@db:5432/abc?abc=abc#abc'), 'postgres://***@db:5432/***');
    assert.equal(shownValue(key, 'https://hooks.example.com/abc'), 'https://***@hooks.example.com/***');
    assert.equal(shownValue(key, 'abc'), MASK);
    assert.equal(shownValue(key, undefined), '');
  }
  assert.ok(!isSecretKey('checks.mail.interval') && !isSecretKey('database_url_file'));
});

test('keys of certificates are masked, and certificates are told by their length', () => {
  assert.equal(shownValue('backend_tls.key', '-----BEGIN PRIVATE KEY-----abc'), MASK);
  assert.equal(shownValue('routes.api.backend_tls.key', '-----BEGIN PRIVATE KEY-----abc'), MASK);
  assert.equal(shownValue('backend_tls.ca', '-----BEGIN CERTIFICATE-----abc'), 'PEM, 30 characters');
  assert.equal(plainText('-----BEGIN CERTIFICATE-----abc'), '-----BEGIN CERTIFICATE-----abc');
});

test('values of secret fields are masked in maps of fields, as YAML and as JSON text', () => {
  const fields = { Authorization: 'Bearer abc', 'X-Api-Key': 'abc', 'X-Env': 'prod' };
  const shown = '{"Authorization":"***","X-Api-Key":"***","X-Env":"prod"}';
  assert.equal(shownValue('routes.a.request_headers.set', fields), shown);
  assert.equal(shownValue('routes.a.request_headers.add', JSON.stringify(fields)), shown);
  assert.equal(shownValue('routes.a.headers', fields), shown);
});

test('values of secret fields are masked deep inside the older tables and the tests', () => {
  const table = { a: { url: 'http://a', request_headers: { set: { Cookie: 'abc' } } } };
  assert.equal(shownValue('targets', table), '{"a":{"url":"http://a","request_headers":{"set":{"Cookie":"***"}}}}');
  assert.equal(shownValue('tests', [{ headers: { 'X-Token': 'abc' } }]), '[{"headers":{"X-Token":"***"}}]');
});

test('other values are shown as they are', () => {
  assert.equal(shownValue('port', 8080), '8080');
  assert.equal(shownValue('host_filter', ['a', 'b']), '["a","b"]');
  assert.equal(shownValue('default_backend', 'http://a, http://b'), 'http://a, http://b');
  assert.equal(shownValue('pid_file', undefined), '');
});

test('names that carry credentials are secret in any case', () => {
  for (const name of ['Set-Cookie', 'proxy-authorization', 'X-API-KEY', 'X-Auth-Token', 'X-Client-Secret'])
    assert.ok(isSecretField(name), name);
  for (const name of ['Accept', 'X-Env', 'X-Request-ID', 'Host']) assert.ok(!isSecretField(name), name);
});
