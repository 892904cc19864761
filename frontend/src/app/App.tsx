import { QueryClientProvider } from "@tanstack/react-query";
import { Direction } from "radix-ui";
import { useState } from "react";
import { RouterProvider } from "react-router";

import { createQueryClient } from "@/api/queries";
import { signInUrl } from "@/api/session";
import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";

import { createRouter } from "./router";

export function App() {
  const [client] = useState(() => createQueryClient(() => window.location.assign(signInUrl())));
  const [router] = useState(createRouter);
  return (
    <Direction.Provider dir={document.documentElement.dir === "rtl" ? "rtl" : "ltr"}>
      <QueryClientProvider client={client}>
        <ShortcutProvider>
          <HintProvider delayDuration={350}>
            <RouterProvider router={router} />
          </HintProvider>
        </ShortcutProvider>
      </QueryClientProvider>
    </Direction.Provider>
  );
}
