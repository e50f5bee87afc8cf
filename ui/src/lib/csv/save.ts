/** Hands a file to the person. A window of the program downloads nothing by itself: there the program writes it. */
import type { Room } from '$lib/model/room.svelte';

/** Where it is, if that is known: a browser does not tell. */
export async function saveFile(room: Room, name: string, text: string): Promise<string | null> {
  if (room.app && !room.app.headless) return (await room.call('save_file', { name, text })).path;
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // Once the download has begun; it keeps what it reads.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return null;
}
