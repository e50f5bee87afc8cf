/** Text of a file that nobody said the encoding of: Excel writes UTF-8 with a mark, UTF-16, or Windows-1252. */
export function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Bytes that are no UTF-8: accents of an older Windows program.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
