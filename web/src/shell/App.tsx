import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { LanguageProvider, type LoadedLanguage } from "../i18n/language";
import { StreamProvider } from "../stream/StreamProvider";
import { ThemeProvider } from "../ui/theme";
import { EmbedLayout } from "../embed/EmbedLayout";
import { isEmbedded } from "../embed/address";
import { Layout } from "./Layout";
import { createQueryClient } from "./queries";
import { Toasts } from "./Toasts";

export function App({ language }: { language: LoadedLanguage }) {
  const [queries] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <LanguageProvider initial={language}>
        <ThemeProvider>
          <StreamProvider>
            <Toasts>
              {isEmbedded() ? <EmbedLayout /> : <Layout />}
            </Toasts>
          </StreamProvider>
        </ThemeProvider>
      </LanguageProvider>
    </QueryClientProvider>
  );
}
