import {
  createContext,
  Suspense,
  use,
  useCallback,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { RouterProvider } from "react-router";
import { Provider } from "urql";
import { createClient } from "../api/client.ts";
import { createSocket, type Socket } from "../api/socket.ts";
import { router } from "../routes.tsx";
import { usableToken } from "../session/renewal.ts";
import { currentSession, expire, onSessionChange, type Session } from "../session/session.ts";
import { loadSettings, type Settings } from "../session/settings.ts";
import { ErrorBoundary } from "./error-boundary.tsx";

interface AppContext {
  settings: Settings;
  session: Session;
  socket: Socket;
  /** Forgets everything that was read, and reads anew what is shown. */
  startOver: () => void;
}

const Context = createContext<AppContext | null>(null);

/** What every page has: the settings, who is signed in, and how to start over. */
export function useApp(): AppContext {
  const context = use(Context);
  if (!context) throw new Error("This is outside of the app.");
  return context;
}

/** The console, from the settings on. */
export function App() {
  return (
    <ErrorBoundary isAlone>
      <Suspense>
        <Connected />
      </Suspense>
    </ErrorBoundary>
  );
}

function Connected() {
  const loaded = use(loadSettings());
  const session = useSyncExternalStore(onSessionChange, currentSession);
  const [beginnings, setBeginnings] = useState(0);
  const startOver = useCallback(() => setBeginnings((count) => count + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: somebody else, or to start over, is another client
  const api = useMemo(() => {
    const socket = createSocket(loaded.socket, usableToken);
    const client = createClient({
      endpoint: loaded.endpoint,
      token: usableToken,
      socket,
      onUnauthenticated: () => {
        const { id, token } = currentSession();
        if (id === session.id && token !== null) expire();
      },
    });
    return { socket, client };
  }, [loaded, session.id, beginnings]);

  useEffect(() => () => api.socket.close(), [api]);

  const context = useMemo(
    () => ({ settings: loaded, session, socket: api.socket, startOver }),
    [loaded, session, api, startOver],
  );

  return (
    <Context value={context}>
      <Provider value={api.client}>
        <RouterProvider router={router} />
      </Provider>
    </Context>
  );
}
