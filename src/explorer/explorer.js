// The Roster explorer: GraphiQL and, above it, a field for the bearer token.
// Everything is served by the Roster binary; nothing is asked of any other host.
"use strict";

(() => {
  const { createElement, useEffect } = React;

  const TOKEN_KEY = "roster.token";
  /** The development token that the field was last filled with. */
  const GIVEN_TOKEN_KEY = "roster.token.given";

  const EXAMPLES = [
    {
      query: `# Who am I, and where am I a member?
#
# Ctrl-Enter (⌘-Enter) runs it, with the
# bearer token from the field above.
# Ctrl-Space completes names; the book on
# the left opens the documentation.

query WhoAmI {
  viewer {
    user {
      name
      email
    }
    memberships(first: 5) {
      nodes {
        role {
          name
        }
        organization {
          id
          slug
          name
        }
      }
    }
  }
}
`,
    },
    {
      query: `# An organization, its members, their teams.
#
# The slug is under "Variables" below.
# For the next page, add after: "…" to
# members, with the endCursor of this one.

query OrganizationMembers($slug: String!) {
  organization(slug: $slug) {
    id
    name
    members(first: 10) {
      totalCount
      nodes {
        id
        name
        email
        role {
          name
        }
        teamMemberships {
          team {
            slug
          }
          effectiveRole {
            id
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`,
      variables: { slug: "acme" },
    },
    {
      query: `# Invite somebody to an organization.
#
# organizationId: an organization's id from
# the first two tabs. If nothing came of it,
# userErrors says why, and path says which
# input field it is about.

mutation CreateInvite($input: CreateInviteInput!) {
  createInvite(input: $input) {
    invite {
      id
      email
      status
    }
    acceptUrl
    userErrors {
      code
      message
      path
    }
  }
}
`,
      variables: {
        input: {
          organizationId: "",
          email: "new.colleague@example.com",
          orgRole: "member",
          teamSlugs: [],
        },
      },
    },
    {
      query: `# Accept an invite.
#
# token: the secret in the invite's acceptUrl.
# The bearer token says who accepts.

mutation AcceptInvite($input: AcceptInviteInput!) {
  acceptInvite(input: $input) {
    member {
      id
      role {
        name
      }
    }
    organization {
      slug
    }
    userErrors {
      code
      message
      path
    }
  }
}
`,
      variables: { input: { token: "" } },
    },
    {
      query: `# Change a member's role, also in teams.
#
# memberId: a member's id from the second tab.

mutation UpdateMemberRoles($input: UpdateMemberRolesInput!) {
  updateMemberRoles(input: $input) {
    member {
      role {
        name
      }
      teamMemberships {
        team {
          slug
        }
        role {
          id
        }
      }
    }
    userErrors {
      code
      message
      path
    }
  }
}
`,
      variables: {
        input: {
          memberId: "",
          orgRole: "member",
          teamRoles: [{ teamSlug: "backend", role: "admin" }],
        },
      },
    },
    {
      query: `# Change options of an organization.
#
# Options left out stay as they are. Here:
# mere members may no longer invite anybody.

mutation SaveOrgOptions($input: SaveOrgOptionsInput!) {
  saveOrgOptions(input: $input) {
    organization {
      options {
        allowMemberInvite
      }
    }
    changes {
      field
      change
    }
    ignoredFields
    userErrors {
      code
      message
      path
    }
  }
}
`,
      variables: { input: { organizationId: "", allowMemberInvite: false } },
    },
    {
      query: `# Hear what happens in an organization.
#
# organizationId: an organization's id from
# the first two tabs. Run it, and change
# something in another tab; the same button
# stops it.

subscription OrganizationEvents($organizationId: ID!) {
  organizationEvents(organizationId: $organizationId) {
    id
    type
    occurredAt
    object {
      __typename
      id
    }
  }
}
`,
      variables: { organizationId: "" },
    },
  ];

  // What the server tells the page.

  async function loadSettings() {
    let settings = null;
    try {
      const response = await fetch("/explorer/settings.json", {
        headers: { Accept: "application/json" },
        cache: "no-store",
      });
      if (response.ok) settings = await response.json();
    } catch {
      // The defaults below do.
    }
    return {
      endpoint: typeof settings?.endpoint === "string" && settings.endpoint ? settings.endpoint : "/graphql",
      token: typeof settings?.token === "string" && settings.token ? settings.token : null,
      development: settings?.development === true,
      console: typeof settings?.console === "string" ? settings.console : null,
    };
  }

  // The bearer token. A browser may refuse storage; the field alone then holds it.

  function readSession(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function writeSession(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // See above.
    }
  }

  /** Shows the way to the console, if this deployment has it. */
  function consoleLink(settings) {
    const link = document.getElementById("console");
    if (settings.console !== null) link.href = settings.console;
    link.hidden = settings.console === null;
  }

  /** Sets the field up; returns the token to send ("" for none). */
  function tokenField(settings) {
    const input = document.getElementById("token");
    const show = document.getElementById("token-show");
    const reset = document.getElementById("token-reset");
    const given = settings.development ? settings.token : null;

    // People paste the whole header value, too.
    const token = () => input.value.trim().replace(/^bearer\s+/i, "");

    const keep = () => {
      writeSession(TOKEN_KEY, token());
      reset.hidden = given === null || token() === given;
    };

    // A development token that nobody changed makes room for a newer one.
    const kept = readSession(TOKEN_KEY);
    const untouched = kept === null || kept === readSession(GIVEN_TOKEN_KEY);
    input.value = (given !== null && untouched ? given : kept) ?? "";
    if (given !== null) writeSession(GIVEN_TOKEN_KEY, given);
    keep();

    input.addEventListener("input", keep);
    show.addEventListener("click", () => {
      const hidden = input.type === "password";
      input.type = hidden ? "text" : "password";
      show.setAttribute("aria-pressed", String(hidden));
      show.textContent = hidden ? "Hide" : "Show";
    });
    reset.addEventListener("click", () => {
      input.value = given;
      keep();
      input.dispatchEvent(new Event("change"));
      input.focus();
    });
    document.getElementById("development").hidden = !settings.development;
    return token;
  }

  // What GraphiQL remembers: tabs, history, layout, theme.

  /** Local storage without what is typed in the headers editor: that can hold
   *  credentials. GraphiQL leaves it out of the tabs, but not of the history. */
  function createStorage() {
    try {
      localStorage.getItem("");
    } catch {
      return null;
    }
    const storage = GraphiQL.createLocalStorage({ namespace: "roster" });
    const { setItem } = storage;
    storage.setItem = (key, value) => {
      const isHistory = key === "graphiql:queries" || key === "graphiql:favorites";
      setItem(key, isHistory ? withoutHeaders(value) : value);
    };
    return storage;
  }

  function withoutHeaders(json) {
    return JSON.stringify(JSON.parse(json), (key, value) => (key === "headers" ? undefined : value));
  }

  // Requests.

  function failure(message, extensions) {
    return { errors: [extensions ? { message, extensions } : { message }] };
  }

  /** What a subscription tells: the results in an event stream of graphql-sse. */
  async function* results(body, ending) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      let part;
      try {
        part = await reader.read();
      } catch {
        part = { done: true };
      }
      if (part.done) break;
      const events = (text + part.value).split("\n\n");
      text = events.pop();
      for (const event of events) {
        // Comments have no field.
        const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: ?(.*)/, 2)));
        if (fields.event === "complete") return;
        if (fields.event === "next") yield JSON.parse(fields.data);
      }
    }
    if (!ending.aborted) yield failure("The connection was cut. Run the subscription again.");
  }

  /** A generator alone would wait for its next result before it ends. */
  function untilStopped(generator, ending) {
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => generator.next(),
      return: () => {
        ending.abort();
        return generator.return();
      },
    };
  }

  function createFetcher(endpoint, token) {
    return async (params, options) => {
      let headers;
      try {
        headers = new Headers(options?.headers ?? {});
        headers.set("Content-Type", "application/json");
        if (!headers.has("Accept")) {
          // Only a subscription is answered by the last.
          headers.set("Accept", "application/graphql-response+json, application/json, text/event-stream");
        }
        if (!headers.has("Authorization") && token()) {
          headers.set("Authorization", `Bearer ${token()}`);
        }
      } catch {
        return failure("The request was not sent: the bearer token or the headers editor has something that is no valid header.");
      }
      const ending = new AbortController();
      let response;
      let body;
      try {
        response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(params), signal: ending.signal });
        if (response.ok && response.headers.get("Content-Type") === "text/event-stream") {
          return untilStopped(results(response.body, ending.signal), ending);
        }
        body = await response.text();
      } catch (error) {
        return failure(`No answer from ${endpoint}: ${error.message}`);
      }
      try {
        return JSON.parse(body);
      } catch {
        return failure("The answer is not JSON.", { status: response.status, body: body.slice(0, 2000) });
      }
    };
  }

  // The page.

  /** Asks for the schema again when the token changes and there is none yet. */
  function SchemaAfterToken() {
    const { schema, introspect } = GraphiQL.React.useSchemaStore();
    useEffect(() => {
      const input = document.getElementById("token");
      const retry = () => {
        if (!schema) introspect();
      };
      input.addEventListener("change", retry);
      return () => input.removeEventListener("change", retry);
    }, [schema, introspect]);
    return null;
  }

  async function start() {
    const settings = await loadSettings();
    consoleLink(settings);
    const token = tokenField(settings);
    const explorer = createElement(
      GraphiQL,
      {
        fetcher: createFetcher(settings.endpoint, token),
        defaultTabs: EXAMPLES.map(({ query, variables }) => ({
          query,
          variables: variables ? JSON.stringify(variables, null, 2) : null,
        })),
        defaultQuery: "# A new tab. Ctrl-Space completes names, Ctrl-Enter runs.\n\n",
        defaultEditorToolsVisibility: "variables",
        isHeadersEditorEnabled: true,
        shouldPersistHeaders: false,
        storage: createStorage(),
      },
      createElement(GraphiQL.Logo, null, "GraphiQL"),
      createElement(SchemaAfterToken),
    );
    ReactDOM.createRoot(document.getElementById("explorer")).render(explorer);
  }

  start();
})();
