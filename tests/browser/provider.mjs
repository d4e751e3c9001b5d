// A provider of unified sign-in: OpenID Connect as far as a server needs it, for one person at a time
// who always agrees; it can be made to lie.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";

const CLIENT = "tongban";
const SECRET = "a secret of the test";

export class Provider {
  static async start() {
    const provider = new Provider();
    provider.keys = generateKeyPairSync("ed25519");
    provider.codes = new Map();
    provider.subject = "nobody";
    provider.lie = null;
    provider.holds = false;
    provider.http = createServer((request, response) => provider.answer(request, response));
    await new Promise((done) => provider.http.listen(0, "127.0.0.1", done));
    provider.issuer = `http://127.0.0.1:${provider.http.address().port}`;
    return provider;
  }

  options(address) {
    return ["--address", address, "--provider", this.issuer, "--provider-client", CLIENT, "--provider-name", "示范统一身份"];
  }

  environment() {
    return { TONGBAN_PROVIDER_SECRET: SECRET };
  }

  async answer(request, response) {
    const url = new URL(request.url, this.issuer);
    const told = (body, status = 200) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (url.pathname === "/.well-known/openid-configuration") {
      return told({
        issuer: this.issuer,
        authorization_endpoint: `${this.issuer}/authorize`,
        token_endpoint: `${this.issuer}/token`,
        jwks_uri: `${this.issuer}/keys`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["EdDSA"],
      });
    }
    if (url.pathname === "/keys") {
      const key = this.keys.publicKey.export({ format: "jwk" });
      return told({ keys: [{ ...key, use: "sig", kid: "one", alg: "EdDSA" }] });
    }
    if (url.pathname === "/authorize") {
      const asked = Object.fromEntries(url.searchParams);
      const code = randomBytes(12).toString("hex");
      this.codes.set(code, { ...asked, subject: this.subject });
      this.last = asked;
      // The person is still reading.
      if (this.holds) return told({});
      response.writeHead(302, { location: `${asked.redirect_uri}?code=${code}&state=${asked.state}` });
      return response.end();
    }
    if (url.pathname === "/token") {
      let body = "";
      for await (const piece of request) body += piece;
      const form = new URLSearchParams(body);
      const asked = this.codes.get(form.get("code"));
      this.codes.delete(form.get("code"));
      const proof = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
      const authorization = `Basic ${Buffer.from(`${CLIENT}:${encodeURIComponent(SECRET).replaceAll("%20", "+")}`).toString("base64")}`;
      const known = asked && asked.code_challenge === proof && request.headers.authorization === authorization;
      if (!known) return told({ error: "invalid_grant" }, 400);
      return told({ access_token: "unused", token_type: "Bearer", id_token: this.token(asked) });
    }
    told({}, 404);
  }

  // The token about the person who came, with the fault in it.
  token({ subject, nonce }) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, sub: subject, aud: CLIENT, exp: now + 300, iat: now, nonce };
    const lies = {
      issuer: { iss: "http://127.0.0.1:1" },
      audience: { aud: "another" },
      time: { exp: now - 3600, iat: now - 7200 },
      nonce: { nonce: "of another question" },
    };
    Object.assign(claims, lies[this.lie] ?? {});
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = this.lie === "unsigned";
    const said = `${part({ alg: unsigned ? "none" : "EdDSA", kid: "one" })}.${part(claims)}`;
    const key = this.lie === "key" ? generateKeyPairSync("ed25519").privateKey : this.keys.privateKey;
    return `${said}.${unsigned ? "" : sign(null, Buffer.from(said), key).toString("base64url")}`;
  }

  end() {
    this.http.closeAllConnections();
    this.http.close();
  }
}
