import { describe, expect, it } from 'vitest';
import { sampleSession } from '$lib/backend/fake/samples';
import { canShow, windowOf } from './window';

describe('the window of a browser', () => {
  it('is told from what the session says', () => {
    expect(windowOf(sampleSession('READY'))).toBe('hidden');
    expect(windowOf(sampleSession('READY', { visible: true }))).toBe('visible');
    expect(windowOf(sampleSession('RECONNECTING', { visible: true, browser: 'launching' }))).toBe('opening');
  });

  it('is wanted before a scan that would be in vain, and not when the passkey is being asked for', () => {
    const asked = { needs_window: true };
    expect(windowOf(sampleSession('QR_REQUIRED', asked))).toBe('wanted');
    expect(windowOf(sampleSession('QR_REQUIRED', { ...asked, visible: true }))).toBe('visible');
    expect(windowOf(sampleSession('QR_REQUIRED', { ...asked, qr: null, login_step: 'passkey' }))).toBe(
      'hidden',
    );
    expect(windowOf(sampleSession('NOT_INITIALIZED', asked))).toBe('hidden');
  });

  it('is not offered where there is nothing to see', () => {
    expect(canShow(sampleSession('READY'))).toBe(true);
    expect(canShow(sampleSession('ERROR'))).toBe(true);
    expect(canShow(sampleSession('DISCONNECTED_BANNED'))).toBe(false);
    expect(canShow(sampleSession('NOT_INITIALIZED', { hibernated: true }))).toBe(false);
  });
});
