/**
 * What lets a guest come back without knocking: the token of the last welcome, kept per meeting and tab, so that a reload
 * of the page is no new person.
 */

export interface RememberedGuest {
  token: string;
  name: string;
}

const key = (code: string) => `parley.guest.${code}`;

/** The guest that this tab was in that meeting, if any. */
export function rememberedGuest(code: string): RememberedGuest | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key(code)) ?? "null") as Partial<RememberedGuest> | null;
    if (typeof kept?.token !== "string" || typeof kept.name !== "string") return null;
    return { token: kept.token, name: kept.name };
  } catch {
    return null;
  }
}

/** Remember the guest, or with null forget them. */
export function rememberGuest(code: string, guest: RememberedGuest | null): void {
  try {
    if (guest === null) sessionStorage.removeItem(key(code));
    else sessionStorage.setItem(key(code), JSON.stringify(guest));
  } catch {
    // Storage is off: a reload knocks again.
  }
}
