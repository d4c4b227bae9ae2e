import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { LanguageProvider } from "../i18n/language";
import { StreamProvider } from "../stream/StreamProvider";
import { ThemeProvider } from "../ui/theme";
import { Layout } from "./Layout";
import { createQueryClient } from "./queries";
import { Toasts } from "./Toasts";

export function App() {
  const [queries] = useState(createQueryClient);
  return (
    // The content security policy allows no inline style elements.
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <ThemeProvider>
            <StreamProvider>
              <Toasts>
                <Layout />
              </Toasts>
            </StreamProvider>
          </ThemeProvider>
        </LanguageProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}
