#!/usr/bin/env node
// What the release workflow does besides building. Each command is a function that can be tried without a release:
//   release.mjs check TAG               whether the tag, Cargo.toml and the AppStream data name one version
//   release.mjs config FILE             writes the configuration that switches the updater on; nothing without a key
//   release.mjs collect FROM INTO       copies installers and signatures, under names without spaces
//   release.mjs manifest FOLDER TAG     writes latest.json, which the updater asks for; nothing without signatures
//   release.mjs notes TAG               prints what CHANGELOG.md says about the version
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOME = 'https://github.com/session-manager/session-manager';
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/** The version of the workspace. */
export function version(cargo = read('Cargo.toml')) {
  const found = /\[workspace\.package\][^[]*?^version = "(.+?)"/ms.exec(cargo);
  if (!found) throw new Error('Cargo.toml names no version');
  return found[1];
}

/** What does not name the version of the tag. */
export function disagreements(tag, cargo, metainfo) {
  const wanted = tag.replace(/^v/, '');
  const wrong = [];
  if (version(cargo) !== wanted) wrong.push(`Cargo.toml is at ${version(cargo)}`);
  const newest = /<release version="(.+?)"/.exec(metainfo)?.[1];
  if (newest !== wanted) wrong.push(`the AppStream data is at ${newest}`);
  return wrong;
}

/** The configuration of the updater, or none. */
export function updaterConfig({ UPDATER_PUBLIC_KEY: key, TAURI_SIGNING_PRIVATE_KEY: signing, UPDATER_ENDPOINT: at }) {
  if (!key && !signing) return {};
  // One without the other makes a program that refuses every update, or updates that no program takes.
  if (!key || !signing) throw new Error('UPDATER_PUBLIC_KEY and TAURI_SIGNING_PRIVATE_KEY belong together');
  return {
    bundle: { createUpdaterArtifacts: true },
    plugins: {
      updater: {
        pubkey: key.trim(),
        endpoints: [at || `${HOME}/releases/latest/download/latest.json`],
        // A signature counts for one version only, so that nobody can offer an old one as new.
        requireSignedVersion: true,
        windows: { installMode: 'passive' },
      },
    },
  };
}

const INSTALLER = /\.(deb|rpm|AppImage|dmg|msi|exe|app\.tar\.gz)(\.sig)?$/;

/** Where each file goes that people or the updater download. */
export function collected(files) {
  return files
    .filter((file) => INSTALLER.test(file))
    .map((file) => [file, basename(file).replaceAll(' ', '-')]);
}

/** What the updater of a system looks for, by the name of the file. */
export function platforms(name) {
  const arch = /aarch64|arm64/.test(name) ? 'aarch64' : 'x86_64';
  if (name.endsWith('.AppImage')) return [`linux-${arch}-appimage`];
  if (name.endsWith('-setup.exe')) return [`windows-${arch}-nsis`];
  if (name.endsWith('.app.tar.gz')) return ['darwin-x86_64', 'darwin-aarch64'];
  // Of the languages of the MSI the updater can ask for one: English says the least that is wrong.
  if (name.endsWith('_en-US.msi')) return [`windows-${arch}-msi`];
  return [];
}

/** The list of releases: `signatures` by the name of the file. Null when nothing was signed. */
export function manifest(tag, signatures, notes, date = new Date()) {
  const entries = Object.entries(signatures).flatMap(([name, signature]) =>
    platforms(name).map((platform) => [
      platform,
      { signature: signature.trim(), url: `${HOME}/releases/download/${tag}/${encodeURIComponent(name)}` },
    ]),
  );
  if (entries.length === 0) return null;
  return {
    version: tag.replace(/^v/, ''),
    notes,
    pub_date: date.toISOString(),
    platforms: Object.fromEntries(entries),
  };
}

/** The section of a version in the changelog. */
export function notes(tag, changelog) {
  const wanted = tag.replace(/^v/, '');
  const section = changelog.split(/^## /m).find((part) => part.startsWith(`[${wanted}]`));
  if (!section) throw new Error(`CHANGELOG.md has no section [${wanted}]`);
  return section.slice(section.indexOf('\n')).trim();
}

function run([command, ...args]) {
  switch (command) {
    case 'check': {
      const metainfo = read('packaging/linux/dev.session-manager.desktop.metainfo.xml');
      const wrong = disagreements(args[0], read('Cargo.toml'), metainfo);
      notes(args[0], read('CHANGELOG.md'));
      if (wrong.length > 0) throw new Error(`the tag is ${args[0]}, but ${wrong.join(', and ')}`);
      break;
    }
    case 'config':
      writeFileSync(args[0], JSON.stringify(updaterConfig(process.env), null, 2));
      break;
    case 'collect': {
      const [from, into] = args;
      mkdirSync(into, { recursive: true });
      const files = readdirSync(from, { recursive: true }).map(String);
      const found = collected(files);
      if (found.length === 0) throw new Error(`there is no installer in ${from}`);
      for (const [file, name] of found) {
        copyFileSync(join(from, file), join(into, name));
        console.log(name);
      }
      break;
    }
    case 'manifest': {
      const [folder, tag] = args;
      const signed = readdirSync(folder).filter((name) => name.endsWith('.sig'));
      const signatures = Object.fromEntries(
        signed.map((name) => [name.slice(0, -'.sig'.length), readFileSync(join(folder, name), 'utf8')]),
      );
      const made = manifest(tag, signatures, notes(tag, read('CHANGELOG.md')));
      if (made) writeFileSync(join(folder, 'latest.json'), JSON.stringify(made, null, 2));
      else console.log('nothing is signed, so there is nothing for the updater');
      break;
    }
    case 'notes':
      console.log(notes(args[0], read('CHANGELOG.md')));
      break;
    default:
      throw new Error(`there is no command ${command}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    run(process.argv.slice(2));
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}
