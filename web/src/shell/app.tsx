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
import { BrowserRouter } from "react-router";
import { Provider } from "urql";
import { createClient } from "../api/client.ts";
import { createSocket, type Socket } from "../api/socket.ts";
import { AllRoutes } from "../routes.tsx";
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

const settings = loadSettings();

/** The console, from the settings on. */
export function App() {
  return (
    <ErrorBoundary>
      <Suspense>
        <Connected />
      </Suspense>
    </ErrorBoundary>
  );
}

function Connected() {
  const loaded = use(settings);
  const session = useSyncExternalStore(onSessionChange, currentSession);
  const [beginnings, setBeginnings] = useState(0);
  const startOver = useCallback(() => setBeginnings((count) => count + 1), []);
  const { token } = session;

  // biome-ignore lint/correctness/useExhaustiveDependencies: to start over is to have another client
  const api = useMemo(() => {
    const socket = createSocket(loaded.socket, token);
    const client = createClient({ endpoint: loaded.endpoint, token, socket, onUnauthenticated: expire });
    return { socket, client };
  }, [loaded, token, beginnings]);

  useEffect(() => () => api.socket.close(), [api]);

  const context = useMemo(
    () => ({ settings: loaded, session, socket: api.socket, startOver }),
    [loaded, session, api, startOver],
  );

  return (
    <Context value={context}>
      <Provider value={api.client}>
        <BrowserRouter>
          <AllRoutes />
        </BrowserRouter>
      </Provider>
    </Context>
  );
}
