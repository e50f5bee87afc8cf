/** Web origins as people write them down. The backend judges them. */

/** Several at once may be pasted: between commas, spaces or line ends. */
export function originsIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

/** Which one the backend means, whose message begins with it in quotes. It comes from there: compare it, do not show it. */
export function refusedOrigin(message: string): string | null {
  const quoted = message.match(/^"(?:[^"\\]|\\.)*"/)?.[0];
  if (quoted === undefined) return null;
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
