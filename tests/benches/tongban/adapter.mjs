// Our server for the peers' bench (../shared/peers/server-bench.mjs): driven by automerge-repo's
// own client over protocol "1", as the peers are, on a real board of a real space.
import * as Automerge from "@automerge/automerge";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { randomBytes } from "node:crypto";
import { boardId, documentUrl } from "../../browser/address.mjs";

const Register = Automerge.ImmutableString;
const register = (value) => new Register(String(value));

export const versions = { tongban: process.env.TONGBAN_VERSION ?? "this tree" };

export function serverSpec({ port, dataDir }) {
  return {
    cmd: process.env.TONGBAN_PROGRAM,
    args: ["serve", "--demo", "--listen", `127.0.0.1:${port}`, "--data", dataDir],
    // All clients of the bench sign in as one account.
    env: { TONGBAN_LOG: "error", TONGBAN_SOCKETS_OF_AN_ACCOUNT: "100000" },
  };
}

// The administrator of the demonstration space; the session outlives a restart of the server.
let session;
async function signedIn(port) {
  for (let attempt = 0; !session; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ login: "office", password: "tongban-demo" }),
    });
    if (answer.ok) {
      const secret = /tongban=([^;]+)/.exec(answer.headers.get("set-cookie"))[1];
      session = { secret, ...(await answer.json()) };
    } else if (attempt > 20) throw new Error(`sign-in: ${answer.status}`);
    else await new Promise((done) => setTimeout(done, 250));
  }
  return session;
}

// A card of the bench as an item: its long field is shared text, the other eleven are registers.
function item(card, rank) {
  const { id, title, description, ...fields } = card;
  return {
    number: register(id),
    title: register(title),
    place: register(`|${rank}`),
    fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, register(value)])),
    assignments: {},
    ledger: {},
    milestones: {},
    text: description,
  };
}

// One connection lists all boards: the peers have no list, and a thousand clients of one process
// would only measure how that process keeps a thousand copies of it.
let lister;
async function listed(port, board) {
  lister ??= (async () => {
    const { secret, space } = await signedIn(port);
    const net = new WebSocketClientAdapter(`ws://127.0.0.1:${port}/sync?token=${secret}`);
    const repo = new Repo({ network: [net], sharePolicy: async () => true });
    await repo.networkSubsystem.whenReady();
    return repo.find(documentUrl(space));
  })();
  const space = await lister;
  const listing = { title: "并列测试", doc_number: "" };
  space.change((doc) => { doc.boards[board] = register(JSON.stringify(listing)); });
  // A document that was unavailable once stays so for its client: the space goes first.
  await new Promise((done) => setTimeout(done, 1000));
}

export async function connect({ port }) {
  const { secret, space } = await signedIn(port);
  const net = new WebSocketClientAdapter(`ws://127.0.0.1:${port}/sync?token=${secret}`);
  const repo = new Repo({ network: [net], sharePolicy: async () => true });
  await repo.networkSubsystem.whenReady();
  let handle;
  // Cards are named by their number, items by a ULID.
  const items = new Map();
  const waiters = new Set();
  const learn = () => {
    for (const [id, one] of Object.entries(handle.doc()?.items ?? {})) items.set(String(one.number), id);
  };
  const watch = () => handle.on("change", () => waiters.forEach((waiter) => waiter()));
  const object = (card) => {
    if (!items.has(card)) learn();
    return handle.doc()?.items?.[items.get(card)];
  };
  const value = (card, field) => {
    const one = object(card);
    const found = field === "title" ? one?.title : one?.fields?.[field];
    return found == null ? undefined : String(found);
  };
  return {
    async create(cards) {
      const board = boardId(randomBytes(16));
      await listed(port, board);
      handle = await repo.find(documentUrl(board));
      cards.forEach((card, index) => {
        const id = `i_${boardId(randomBytes(16)).slice(2)}`;
        items.set(card.id, id);
        handle.change((doc) => { doc.items[id] = item(card, index.toString(36).padStart(4, "1")); });
      });
      watch();
      return board;
    },
    async open(board) {
      handle = await repo.find(documentUrl(board));
      watch();
    },
    async settled() {
      await new Promise((done) => setTimeout(done, 400));
    },
    count: () => Object.keys(handle.doc()?.items ?? {}).length,
    get: value,
    edit(card, field, to) {
      object(card);
      handle.change((doc) => {
        const one = doc.items[items.get(card)];
        if (field === "title") one.title = register(to);
        else one.fields[field] = register(to);
      });
    },
    waitFor(card, field, to, patience) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.delete(waiter);
          reject(new Error(`not seen: ${to}`));
        }, patience);
        const waiter = () => {
          if (value(card, field) !== String(to)) return;
          clearTimeout(timer);
          waiters.delete(waiter);
          resolve();
        };
        waiters.add(waiter);
        waiter();
      });
    },
    async close() {
      net.disconnect();
      net.socket?.terminate?.();
    },
  };
}

// Boards that nobody has open: listed in one change of the space, written over a few connections.
export async function store({ port, boards, cards }) {
  const PER_CONNECTION = 1000;
  const names = Array.from({ length: boards }, () => boardId(randomBytes(16)));
  for (let begin = 0; begin < boards; begin += PER_CONNECTION) {
    const { secret, space } = await signedIn(port);
    const net = new WebSocketClientAdapter(`ws://127.0.0.1:${port}/sync?token=${secret}`);
    const repo = new Repo({ network: [net], sharePolicy: async () => true });
    await repo.networkSubsystem.whenReady();
    const here = names.slice(begin, begin + PER_CONNECTION);
    const spaceHandle = await repo.find(documentUrl(space));
    spaceHandle.change((doc) => {
      for (const name of here) doc.boards[name] = register(JSON.stringify({ title: "并列测试", doc_number: "" }));
    });
    await new Promise((done) => setTimeout(done, 1500));
    for (let place = 0; place < here.length; place += 20) {
      await Promise.all(here.slice(place, place + 20).map(async (name, offset) => {
        const handle = await repo.find(documentUrl(name));
        handle.change((doc) => {
          cards(begin + place + offset).forEach((card, index) => {
            doc.items[`i_${boardId(randomBytes(16)).slice(2)}`] = item(card, index.toString(36).padStart(4, "1"));
          });
        });
      }));
    }
    await new Promise((done) => setTimeout(done, 3000));
    net.disconnect();
    net.socket?.terminate?.();
  }
  return names[0];
}
