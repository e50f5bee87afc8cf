/** Pictures that look like QR codes and are none: nobody can link anything with them. */

const SIZE = 57;
const QUIET = 2;

/** A picture that differs with its seed, as a data URL. */
export function fakeQr(seed: number): string {
  let state = seed * 2_654_435_761 + 1;
  const noise = () => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state & 1;
  };
  let path = '';
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) if (dark(x, y, noise)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
  const side = SIZE + 2 * QUIET;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="300" height="300" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** The three corner marks, and noise elsewhere. */
function dark(x: number, y: number, noise: () => number): boolean {
  const [cx, cy] = [x < 8 ? x : SIZE - 1 - x, y < 8 ? y : SIZE - 1 - y];
  const corner = cx < 8 && cy < 8 && !(x >= 8 && y >= 8);
  if (!corner) return noise() === 1;
  if (cx === 7 || cy === 7) return false;
  const ring = Math.max(Math.abs(cx - 3), Math.abs(cy - 3));
  return ring === 3 || ring <= 1;
}
