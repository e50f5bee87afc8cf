/** Addresses of the local API. */

/** The port in `127.0.0.1:3001` or `http://127.0.0.1:3001/`; empty where there is none. */
export function portOf(address: string): string {
  return address.match(/:(\d+)\/?$/)?.[1] ?? '';
}

export function urlOf(address: string): string {
  return /^https?:/.test(address) ? address : `http://${address}`;
}

export function validPort(text: string): boolean {
  const port = Number(text.trim());
  return /^\d{1,5}$/.test(text.trim()) && port >= 1 && port <= 65_535;
}

/** An order for a terminal that asks how a cliente is. Double quotes: the shells of all systems take them. */
export function curlOf(address: string, cliente: number, key: string | null = null): string {
  const order = `curl ${urlOf(address)}/status -H "X-Cliente-Id: ${cliente}"`;
  return key === null ? order : `${order} -H "X-API-Key: ${key}"`;
}

/** Whether only programs of this machine can reach an address that is listened on. */
export function isLocal(address: string): boolean {
  return /^(https?:\/\/)?(127\.|localhost(:|\/|$)|\[::1\])/.test(address);
}
