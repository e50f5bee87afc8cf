// `node --test packaging/`
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { collected, disagreements, manifest, notes, platforms, updaterConfig, version } from './release.mjs';

const CARGO = '[package]\nversion.workspace = true\n\n[workspace.package]\nversion = "3.1.0"\nedition = "2024"\n';
const METAINFO = '<releases><release version="3.1.0" date="2026-01-01" /><release version="3.0.0" /></releases>';

test('a tag is released only when everything names its version', () => {
  assert.deepEqual(disagreements('v3.1.0', CARGO, METAINFO), []);
  assert.deepEqual(disagreements('v3.2.0', CARGO, METAINFO), [
    'Cargo.toml is at 3.1.0',
    'the AppStream data is at 3.1.0',
  ]);
});

test('the AppStream data names the version of the program', () => {
  const metainfo = readFileSync(new URL('linux/dev.session-manager.desktop.metainfo.xml', import.meta.url), 'utf8');
  const cargo = readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8');
  assert.deepEqual(disagreements(`v${version(cargo)}`, cargo, metainfo), []);
});

test('the updater is switched on by both keys or not at all', () => {
  assert.deepEqual(updaterConfig({}), {});
  assert.throws(() => updaterConfig({ UPDATER_PUBLIC_KEY: 'public' }), /belong together/);
  assert.throws(() => updaterConfig({ TAURI_SIGNING_PRIVATE_KEY: 'secret' }), /belong together/);
  const config = updaterConfig({ UPDATER_PUBLIC_KEY: 'public\n', TAURI_SIGNING_PRIVATE_KEY: 'secret' });
  assert.equal(config.plugins.updater.pubkey, 'public');
  assert.equal(config.plugins.updater.requireSignedVersion, true);
  assert.ok(config.plugins.updater.endpoints.every((endpoint) => endpoint.startsWith('https://')));
  assert.ok(!JSON.stringify(config).includes('secret'));
});

test('installers lose the spaces in their names, and nothing else is taken', () => {
  assert.deepEqual(
    collected(['deb/Session Manager_3.1.0_amd64.deb', 'deb/work/control', 'nsis/Session Manager_3.1.0_x64-setup.exe.sig']),
    [
      ['deb/Session Manager_3.1.0_amd64.deb', 'Session-Manager_3.1.0_amd64.deb'],
      ['nsis/Session Manager_3.1.0_x64-setup.exe.sig', 'Session-Manager_3.1.0_x64-setup.exe.sig'],
    ],
  );
});

test('each system finds its own package in the list, and package managers find none', () => {
  const list = manifest(
    'v3.1.0',
    {
      'Session-Manager_3.1.0_amd64.AppImage': 'a\n',
      'Session-Manager_3.1.0_amd64.deb': 'b',
      'Session-Manager_3.1.0_x64-setup.exe': 'c',
      'Session-Manager_3.1.0_x64_en-US.msi': 'd',
      'Session-Manager_3.1.0_x64_es-ES.msi': 'e',
      'Session-Manager.app.tar.gz': 'f',
    },
    'Better.',
    new Date(0),
  );
  assert.deepEqual(Object.keys(list.platforms).sort(), [
    'darwin-aarch64',
    'darwin-x86_64',
    'linux-x86_64-appimage',
    'windows-x86_64-msi',
    'windows-x86_64-nsis',
  ]);
  assert.deepEqual(list.platforms['linux-x86_64-appimage'], {
    signature: 'a',
    url: 'https://github.com/session-manager/session-manager/releases/download/v3.1.0/Session-Manager_3.1.0_amd64.AppImage',
  });
  assert.equal(list.version, '3.1.0');
  assert.deepEqual(platforms('SHA256SUMS'), []);
});

test('without signatures there is no list', () => {
  assert.equal(manifest('v3.1.0', {}, ''), null);
});

test('the notes are the section of the version', () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n- Later.\n\n## [3.1.0] - 2026-01-01\n\n### Added\n- Now.\n\n## [3.0.0]\n\n- Before.\n';
  assert.equal(notes('v3.1.0', changelog), '### Added\n- Now.');
  assert.throws(() => notes('v3.2.0', changelog), /no section/);
});
