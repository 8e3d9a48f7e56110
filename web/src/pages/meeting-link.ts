/** Finds the code in what somebody typed or pasted: a link, or the code with or without its dashes. */

const CODE = /^[a-z0-9]{4}(?:-?[a-z0-9]{4}){3}$/;

export function codeIn(text: string): string | null {
  const last = text.trim().toLowerCase().split(/[?#]/)[0]?.split("/m/").pop()?.replace(/\/+$/, "") ?? "";
  if (!CODE.test(last)) return null;
  return last.replace(/-/g, "").replace(/(.{4})(?=.)/g, "$1-");
}
