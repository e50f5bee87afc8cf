/** Phone numbers as people type them, judged while they do. */

export type NumberProblem = 'empty' | 'letters' | 'zero' | 'short' | 'long';

/** Digits of the longest number that the world's plan allows. */
const LONGEST = 15;
const SHORTEST = 7;

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

/** What is wrong with it; `short` and `empty` are no reproach before the person has finished. */
export function numberProblem(text: string): NumberProblem | null {
  const typed = text.trim().replace(/^\+/, '');
  if (typed === '') return 'empty';
  if (/[^\d\s.()-]/.test(typed)) return 'letters';
  const digits = digitsOf(typed);
  if (digits.startsWith('0')) return 'zero';
  if (digits.length > LONGEST) return 'long';
  return digits.length < SHORTEST ? 'short' : null;
}

/** A pairing code as WhatsApp shows it: two halves of four. */
export function grouped(code: string): string {
  const plain = code.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
  return plain.length === 8 ? `${plain.slice(0, 4)}-${plain.slice(4)}` : plain;
}
