/** Keeps the socket open while someone is signed in, and its state at hand. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";

import { followNews } from "./live";
import type { ConnectionState, News } from "./ws";
import { EventSocket, eventsUrl } from "./ws";

const SocketContext = createContext<EventSocket | null>(null);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [socket] = useState(() => new EventSocket(eventsUrl()));
  useEffect(() => {
    const stopFollowing = followNews(client, socket);
    socket.start();
    window.addEventListener("online", socket.retryNow);
    return () => {
      window.removeEventListener("online", socket.retryNow);
      stopFollowing();
      socket.stop();
    };
  }, [client, socket]);
  return <SocketContext value={socket}>{children}</SocketContext>;
}

function useSocket(): EventSocket {
  const socket = use(SocketContext);
  if (socket === null) throw new Error("LiveProvider is missing");
  return socket;
}

export function useConnection(): ConnectionState {
  const socket = useSocket();
  return useSyncExternalStore(socket.onState, socket.state);
}

/** Call `listener` for every piece of news while mounted; keep it stable. */
export function useNews(listener: (news: News) => void): void {
  const socket = useSocket();
  useEffect(() => socket.onNews(listener), [socket, listener]);
}
