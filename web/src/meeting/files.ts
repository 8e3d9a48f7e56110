/** Sends a file into the chat of a meeting; it shows there as a message of its own. */

import type { Problem } from "../protocol.generated";
import { RequestError } from "./state";

/**
 * Rejects with RequestError in the server's words. guestToken: who one is, without an account. progress: told the share
 * that was sent. XMLHttpRequest, because fetch tells nothing of what it has sent.
 */
export function uploadFile(
  code: string,
  file: File,
  guestToken: string | null,
  progress: (share: number) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/meetings/${encodeURIComponent(code)}/files?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (guestToken !== null) request.setRequestHeader("Authorization", `Bearer ${guestToken}`);
    request.upload.onprogress = (event) => progress(event.loaded / Math.max(1, event.total));
    request.onload = () => (request.status < 300 ? resolve() : reject(refusal(request.responseText)));
    request.onerror = () => reject(new RequestError("offline", "The file could not be sent. Try again in a moment."));
    request.send(file);
  });
}

function refusal(body: string): RequestError {
  try {
    return new RequestError("too_large", (JSON.parse(body) as Problem).detail);
  } catch {
    return new RequestError("internal", "The file could not be sent.");
  }
}
