/** Finds web addresses in what people write. Only http and https become links. */

const ADDRESS = /https?:\/\/[^\s<>"']+/gi;
/** Ends a sentence, not an address. */
const TRAILING = /[.,;:!?)\]}]+$/;

export interface TextPiece {
  text: string;
  href: string | null;
}

export function linkPieces(text: string): TextPiece[] {
  const found: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    if (!URL.canParse(address)) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index), href: null });
    found.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end), href: null });
  return found;
}
