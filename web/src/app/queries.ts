/** What pages ask of the server, cached. */

import { QueryClient, useQuery } from "@tanstack/react-query";

import { ApiError, api } from "./api";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; only what may pass is tried again.
      retry: (failures, error) => failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
});

export const useSite = () => useQuery({ queryKey: ["site"], queryFn: api.site, staleTime: Infinity });

/** Who is signed in; `account` is undefined until it is known and null for nobody. */
export function useAccount() {
  const query = useQuery({ queryKey: ["session"], queryFn: api.session, staleTime: 60_000 });
  return { ...query, account: query.data?.account };
}

/** Somebody signed in or out: everything that was asked before is worth nothing. */
export async function sessionChanged(): Promise<void> {
  await queryClient.cancelQueries();
  queryClient.clear();
  await queryClient.fetchQuery({ queryKey: ["session"], queryFn: api.session });
}
