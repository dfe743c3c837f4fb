import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What the provider says about whoever signs in. */
export interface Person {
  sub: string;
  name?: string;
  email?: string;
  email_verified?: boolean;
  /** Methods of the sign-in; `otp` is a second factor. */
  amr?: string[];
  /** The provider behind this one that vouches for the person. */
  idp?: string;
}

export interface ProviderOptions {
  /** Port on loopback; 0 takes a free one. */
  port?: number;
  clientId?: string;
  /** Exact addresses that people may be sent back to. */
  redirectUris: readonly string[];
  /** `aud` of access tokens. */
  audience?: string;
  /** Seconds that tokens are good for. */
  expiresIn?: number;
  /** Whether sign-ins can be renewed. */
  hasRefreshTokens?: boolean;
  /** Whoever signs in first. */
  person: Person;
}

/** An OpenID Connect provider for tests. */
export interface Provider {
  issuer: string;
  /** Whoever signs in next: there is no password, the authorization page sends people back at once. */
  person: Person;
  /** What the next authorization is refused with, such as `access_denied`. */
  refusal: string | null;
  /** Authorization requests so far, as they were asked for. */
  readonly requests: readonly URLSearchParams[];
  close: () => Promise<void>;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

interface Code {
  person: Person;
  challenge: string;
  nonce: string | null;
  redirectUri: string;
}

/** Pages of any origin may call, as with providers for single-page applications. */
const forPages = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };

/** Starts a provider on loopback: authorization code with PKCE for one public client, RS256, rotating refresh tokens. */
export async function startProvider({
  port = 0,
  clientId = "roster-console",
  redirectUris,
  audience = "roster",
  expiresIn = 3600,
  hasRefreshTokens = true,
  person,
}: ProviderOptions): Promise<Provider> {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyId = "test";
  const codes = new Map<string, Code>();
  const refreshTokens = new Map<string, Person>();
  const requests: URLSearchParams[] = [];

  const server = createServer(async (request, response) => {
    const { status, headers, body } = await answer(request);
    response.writeHead(status, { ...forPages, ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${addressOf(server.address()).port}`;
  const provider: Provider = {
    issuer,
    person,
    refusal: null,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? "/", issuer);
    switch (`${request.method} ${url.pathname}`) {
      case "GET /.well-known/openid-configuration":
        return json(200, description());
      case "GET /keys":
        return json(200, {
          keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: keyId, use: "sig", alg: "RS256" }],
        });
      case "GET /authorize":
        return authorize(url.searchParams);
      case "POST /token":
        return token(new URLSearchParams(await textOf(request)));
      case "GET /sign-out":
        return redirect(url.searchParams.get("post_logout_redirect_uri") ?? issuer);
      default:
        return { status: request.method === "OPTIONS" ? 204 : 404 };
    }
  }

  function description() {
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      end_session_endpoint: `${issuer}/sign-out`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
    };
  }

  /** Signs in at once whoever is next. What is wrong with the request itself is told here and not to the page. */
  function authorize(parameters: URLSearchParams): Answer {
    requests.push(parameters);
    const redirectUri = parameters.get("redirect_uri") ?? "";
    const challenge = parameters.get("code_challenge");
    const isAcceptable =
      parameters.get("client_id") === clientId &&
      redirectUris.includes(redirectUri) &&
      parameters.get("response_type") === "code" &&
      parameters.get("scope")?.split(" ").includes("openid") &&
      parameters.get("code_challenge_method") === "S256";
    if (!isAcceptable || !challenge) return { status: 400, body: "This request is not acceptable." };

    const back = new URL(redirectUri);
    back.searchParams.set("state", parameters.get("state") ?? "");
    if (provider.refusal !== null) {
      back.searchParams.set("error", provider.refusal);
      provider.refusal = null;
      return redirect(back.href);
    }
    const code = secret();
    codes.set(code, { person: provider.person, challenge, nonce: parameters.get("nonce"), redirectUri });
    back.searchParams.set("code", code);
    return redirect(back.href);
  }

  function token(form: URLSearchParams): Answer {
    if (form.get("client_id") !== clientId) return refusal("invalid_client");
    switch (form.get("grant_type")) {
      case "authorization_code": {
        const code = take(codes, form.get("code"));
        const isProven =
          code !== undefined &&
          code.redirectUri === form.get("redirect_uri") &&
          code.challenge === sha256(form.get("code_verifier") ?? "");
        return isProven ? grant(code.person, code.nonce) : refusal("invalid_grant");
      }
      case "refresh_token": {
        const holder = take(refreshTokens, form.get("refresh_token"));
        return holder ? grant(holder, null) : refusal("invalid_grant");
      }
      default:
        return refusal("unsupported_grant_type");
    }
  }

  function grant(holder: Person, nonce: string | null): Answer {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, iat: now, auth_time: now, exp: now + expiresIn, ...holder };
    const refreshToken = secret();
    if (hasRefreshTokens) refreshTokens.set(refreshToken, holder);
    return json(200, {
      token_type: "Bearer",
      expires_in: expiresIn,
      access_token: jwt({ ...claims, aud: audience }, "at+jwt"),
      id_token: jwt({ ...claims, aud: clientId, ...(nonce !== null && { nonce }) }, "JWT"),
      ...(hasRefreshTokens && { refresh_token: refreshToken }),
    });
  }

  function jwt(claims: object, type: string): string {
    const content = [{ alg: "RS256", typ: type, kid: keyId }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${content}.${sign("sha256", Buffer.from(content), keys.privateKey).toString("base64url")}`;
  }

  return provider;
}

/** What a map has under a key, which it then has no more: codes and refresh tokens work once. */
function take<Value>(map: Map<string, Value>, key: string | null): Value | undefined {
  const value = map.get(key ?? "");
  map.delete(key ?? "");
  return value;
}

function json(status: number, body: object): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
    body: JSON.stringify(body),
  };
}

function refusal(error: string): Answer {
  return json(400, { error });
}

function redirect(location: string): Answer {
  return { status: 302, headers: { Location: location } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

function secret(): string {
  return randomBytes(24).toString("base64url");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("The provider listens on no port.");
  return address;
}
