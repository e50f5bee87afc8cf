/**
 * What the backend says in plain English is for logs, and for details that somebody copies. Here all of it has this mark, so that
 * tests can look for it where people read.
 */
export const ENGLISH = 'told in plain English';

export function inEnglish(message: string): string {
  return message.includes(ENGLISH) ? message : `${message} – ${ENGLISH}`;
}
