// Notices that WhatsApp asks for a passkey: no event says so, the request to the browser does.
import type { Push } from './signals';

export function noticePasskeys(push: Push): void {
  const container = (globalThis as { CredentialsContainer?: typeof CredentialsContainer })
    .CredentialsContainer;
  if (!container) return;
  const get = container.prototype.get;
  container.prototype.get = function (this: CredentialsContainer, options?: CredentialRequestOptions) {
    if (options?.publicKey && options.mediation !== 'conditional') push({ type: 'passkey' });
    return get.call(this, options);
  };
}
