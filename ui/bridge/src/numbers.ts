// Who has which number.
import { done, refused, type Answer } from './answer';
import type { Page } from './calls';
import { becomesConnected, connected } from './connection';
import { attempt, written, type Id, type Wpp } from './wpp';

/**
 * The id that WhatsApp has for a person: null where nobody has an account with this number, undefined where WhatsApp
 * could not be asked. wa-js says null for both, and goes on saying it for a while, so WhatsApp's own function, which
 * fails where it cannot tell, has the last word.
 */
export async function lookUp(api: Wpp, chat: string): Promise<Id | null | undefined> {
  const found = await api.contact.queryExists(chat);
  if (found) return found.wid;
  if (!connected(api)) return undefined;
  const ask = attempt(() => api.whatsapp.functions?.queryWidExists);
  const wid = attempt(() => api.whatsapp.WidFactory?.createWid(chat));
  if (typeof ask !== 'function' || !wid) return null;
  try {
    return (await ask(wid))?.wid ?? null;
  } catch {
    return undefined;
  }
}

/** The number as WhatsApp knows it, or null where nobody has an account with it. */
export async function findNumber(api: Wpp, _page: Page, number = ''): Promise<Answer> {
  if (!(await becomesConnected(api))) return refused('ERROR_NETWORK');
  const wid = await lookUp(api, `${number}@c.us`);
  if (wid === undefined) return refused('ERROR_NETWORK');
  if (wid === null) return done(null);
  // Somebody known by a hidden id has the number that was asked for.
  return done(numberOf(written(wid)) ?? number);
}

/** The digits of a person's id, where it is made of the number. */
export function numberOf(id: string): string | undefined {
  return /^(\d{5,20})(?::\d+)?@c\.us$/.exec(id)?.[1];
}
