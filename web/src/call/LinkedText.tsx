import { linkPieces } from "./links";

/** Text with its web addresses as links, which learn nothing about the meeting they were opened from. */
export function LinkedText({ text }: { text: string }) {
  return linkPieces(text).map((piece, index) =>
    piece.href === null ? (
      <span key={index}>{piece.text}</span>
    ) : (
      <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
        {piece.text}
      </a>
    ),
  );
}
