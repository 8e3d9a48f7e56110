/** The addresses and what is shown there. Who comes by a meeting's link loads only what the page before it needs. */

import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, Suspense, lazy } from "react";
import { BrowserRouter, Route, Routes } from "react-router";

import { TextProvider } from "../i18n/text";
import { NoticeProvider } from "../ui/notices";
import { ErrorBoundary } from "./ErrorBoundary";
import { Loading } from "./Loading";
import { queryClient } from "./queries";

const fromSite = (name: Exclude<keyof typeof import("./site"), "default">) =>
  lazy(async () => ({ default: (await import("./site"))[name] }));
const Layout = fromSite("Layout");
const HomePage = fromSite("HomePage");
const SignInPage = fromSite("SignInPage");
const SignUpPage = fromSite("SignUpPage");
const MissingPage = fromSite("MissingPage");
const MeetingPage = lazy(() => import("../call/MeetingPage"));
const ConversationPage = lazy(() => import("../pages/ConversationPage"));
const RecapPage = lazy(() => import("../recap/RecapPage"));
const TextPage = lazy(() => import("../pages/TextPage"));

export function App() {
  return (
    <Providers>
      <BrowserRouter>
        <Suspense fallback={<Loading />}>
          <Routes>
            <Route path="/m/:code" element={<MeetingPage />} />
            <Route element={<Layout />}>
              <Route index element={<HomePage />} />
              <Route path="/sign-in" element={<SignInPage />} />
              <Route path="/sign-up" element={<SignUpPage />} />
              <Route path="/conversations/:id" element={<ConversationPage />} />
              <Route path="/recaps/:id" element={<RecapPage />} />
              <Route path="/terms" element={<TextPage name="terms" />} />
              <Route path="/privacy" element={<TextPage name="privacy" />} />
              <Route path="*" element={<MissingPage />} />
            </Route>
          </Routes>
        </Suspense>
      </BrowserRouter>
    </Providers>
  );
}

/** What every page stands on; tests render pages inside it. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <TextProvider>
      <ErrorBoundary>
        <QueryClientProvider client={queryClient}>
          <NoticeProvider>{children}</NoticeProvider>
        </QueryClientProvider>
      </ErrorBoundary>
    </TextProvider>
  );
}
