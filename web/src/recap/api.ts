/** What the pages of recaps ask of the server. */

import { useQuery } from "@tanstack/react-query";

import { ApiError, at, call } from "../app/api";
import { queryClient } from "../app/queries";
import type {
  EditRecap,
  Notices,
  Recap,
  RecapEdit,
  RecapEdits,
  RecapLinks,
  RecapTranscript,
  Recaps,
} from "../protocol.generated";
import { ASK_MS, askAgain } from "./polling";

export const recapApi = {
  list: (conversation: string | null) =>
    call<Recaps>("GET", `recaps${conversation === null ? "" : `?conversation=${at(conversation)}`}`),
  get: (id: string) => call<Recap>("GET", `recaps/${at(id)}`),
  transcript: (id: string) => call<RecapTranscript>("GET", `recaps/${at(id)}/transcript`),
  links: (id: string) => call<RecapLinks>("GET", `recaps/${at(id)}/links`),
  edit: (id: string, body: EditRecap) => call<RecapEdit>("POST", `recaps/${at(id)}/edits`, body),
  edits: (id: string) => call<RecapEdits>("GET", `recaps/${at(id)}/edits`),
  film: (id: string) => call<Recap>("POST", `recaps/${at(id)}/film`),
  clip: (id: string, moment: string) => call<Recap>("POST", `recaps/${at(id)}/clips/${at(moment)}`),
  remove: (id: string) => call<unknown>("DELETE", `recaps/${at(id)}`),
  notices: () => call<Notices>("GET", "notices"),
  readNotices: () => call<unknown>("POST", "notices/read"),
};

/** Where a file of an export is. */
export const exportPath = (id: string, format: string) => `/api/recaps/${at(id)}/export/${format}`;

/** Below this age a link still lasts for a download. */
const LINK_SHARE = 0.7;

export const keys = {
  recap: (id: string) => ["recap", id] as const,
  transcript: (id: string) => ["recap", id, "transcript"] as const,
  links: (id: string) => ["recap", id, "links"] as const,
  edits: (id: string) => ["recap", id, "edits"] as const,
};

export function useRecap(id: string) {
  return useQuery({
    queryKey: keys.recap(id),
    queryFn: () => recapApi.get(id),
    // Who is refused stays refused; whose network stumbles asks on.
    refetchInterval: ({ state }) =>
      state.error instanceof ApiError && state.error.status === 404 ? false : askAgain(state.data),
    refetchIntervalInBackground: false,
  });
}

export function useTranscript(recap: Recap) {
  return useQuery({
    queryKey: keys.transcript(recap.recap_id),
    queryFn: () => recapApi.transcript(recap.recap_id),
    refetchInterval: askAgain(recap) === false || recap.state === "ready" ? false : ASK_MS,
  });
}

export function useLinks(recap: Recap) {
  return useQuery({
    queryKey: keys.links(recap.recap_id),
    queryFn: () => recapApi.links(recap.recap_id),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.seconds ?? 300) * LINK_SHARE * 1000,
  });
}

/** Addresses that are good from now on. */
export async function freshLinks(id: string): Promise<Record<string, string>> {
  return (await queryClient.fetchQuery({ queryKey: keys.links(id), queryFn: () => recapApi.links(id), staleTime: 1000 })).urls;
}
