// A city's day on one server: many people on many boards. Driven for our server and for a peer
// alike, by the client library of each: node load.mjs PEER [--boards 300] [--clients 1000] ...
//
// Prints one JSON object. Every loop is bounded; everything listens on loopback.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeCards } from "./lib/board.mjs";
import * as H from "./lib/harness.mjs";

const argv = process.argv.slice(2);
const option = (name, plain) => (argv.includes(`--${name}`) ? Number(argv[argv.indexOf(`--${name}`) + 1]) : plain);
const peer = argv[0];
const BOARDS = option("boards", 300);
const CLIENTS = option("clients", 1000);
const CARDS = option("cards", 10);
const SECONDS = option("seconds", 60);
const RATE = option("rate", 17); // each of 1,000 people edits once a minute
const FLOOD_SECONDS = option("flood", 15);
const WRITERS = option("writers", 50); // boards that are written without a pause
const STORED = option("stored", 10000);
const PATIENCE = 20000;

const A = await import(`./${peer}/adapter.mjs`);
const out = { peer, versions: A.versions, boards: BOARDS, clients: CLIENTS, loadavg: os.loadavg().map(H.r1), clientFaults: 0 };
// Client libraries throw from event handlers when a server is killed under them.
process.on("uncaughtException", (error) => { out.clientFaults += 1; out.clientFault ??= String(error?.message ?? error).slice(0, 160); });
process.on("unhandledRejection", () => { out.clientFaults += 1; });

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), `load-${peer}-`));
const port = await H.freePort();
const spec = A.serverSpec({ port, dataDir });
let server = await H.startServer(spec, port);
const memory = () => H.rssMiB(server.pid).now;
const told = (what) => process.stderr.write(`    ${peer}: ${what}\n`);

// So many at a time, each tried again as a user would.
async function inTurn(count, width, act) {
  let next = 0;
  const line = async () => {
    while (next < count) {
      const number = next++;
      for (let attempt = 0; ; attempt += 1) {
        try { await act(number); break; } catch (error) { if (attempt > 10) throw error; await H.sleep(250); }
      }
    }
  };
  await Promise.all(Array.from({ length: width }, line));
}

// A client on a board, with all its cards.
async function open(reference) {
  const client = await A.connect({ port });
  try {
    await client.open(reference);
    await H.until(() => client.count() >= CARDS, PATIENCE, "the cards");
    return client;
  } catch (error) { await client.close(); throw error; }
}

// A hundred thousand edits are more than a call takes arguments.
const summary = (all) => ({ n: all.length, p50: H.r1(H.median(all)), p99: H.r1(H.quantile(all, 0.99)), max: H.r1(all.reduce((most, one) => Math.max(most, one), 0)) });

try {
  await H.sleep(1000);
  out.memoryIdleMiB = memory();
  const boards = Array.from({ length: BOARDS }, () => ({ reference: null, people: [], last: null }));
  let began = H.now();
  await inTurn(BOARDS, 10, async (number) => {
    const client = await A.connect({ port });
    boards[number].reference = await client.create(makeCards(CARDS, 100 + number));
    await client.settled();
    boards[number].people = [client];
  });
  out.boardsMadeMs = H.r1(H.now() - began);
  await H.sleep(3000);
  out.memoryBoardsMiB = memory();
  told(`${BOARDS} boards, each with one client`);

  began = H.now();
  const cpuBefore = H.cpuSeconds(server.pid);
  await inTurn(CLIENTS - BOARDS, 20, async (number) => {
    const board = boards[number % BOARDS];
    board.people.push(await open(board.reference));
  });
  out.clientsOpenedMs = H.r1(H.now() - began);
  out.clientsOpenedServerCpuMs = H.r1((H.cpuSeconds(server.pid) - cpuBefore) * 1000);
  await H.sleep(3000);
  out.memoryClientsMiB = memory();
  out.memoryPerIdleClientKiB = H.r1(((out.memoryClientsMiB - out.memoryBoardsMiB) * 1024) / (CLIENTS - BOARDS));
  out.memoryPerBoardKiB = H.r1(((out.memoryBoardsMiB - out.memoryIdleMiB) * 1024) / BOARDS - out.memoryPerIdleClientKiB);
  told(`${CLIENTS} clients`);

  {
    const cpu = H.cpuSeconds(server.pid);
    await H.sleep(15000);
    out.idleCpuPercent = H.r1(((H.cpuSeconds(server.pid) - cpu) * 100) / 15);
  }

  // One edit until another person on the board sees it.
  let number = 0;
  const seen = async (board, patience) => {
    // A card has one writer: of two words written at the same time, one would rightly not be seen.
    const place = number % CARDS;
    const [writer, reader] = [board.people[place % board.people.length], board.people[(place + 1) % board.people.length]];
    const card = `PRJ-${String(1 + place).padStart(5, "0")}`;
    const words = `第${++number}次`;
    const start = H.now();
    const waited = reader.waitFor(card, "risk", words, patience);
    writer.edit(card, "risk", words);
    await waited;
    board.last = [card, words];
    return H.now() - start;
  };
  let lost = 0;
  {
    const all = [];
    const waiting = [];
    const cpu = H.cpuSeconds(server.pid);
    const begun = H.now();
    for (let count = 0; count < SECONDS * RATE; count += 1) {
      const due = begun + (count * 1000) / RATE;
      if (due > H.now()) await H.sleep(due - H.now());
      const board = boards[(count * 7) % BOARDS];
      waiting.push(seen(board, PATIENCE).then((ms) => all.push(ms), () => { lost += 1; }));
    }
    await Promise.all(waiting);
    out.realistic = { ...summary(all), serverCpuMsPerEdit: H.r1(((H.cpuSeconds(server.pid) - cpu) * 1000) / all.length) };
    told(`${all.length} edits at ${RATE} a second`);
  }
  {
    const all = [];
    const cpu = H.cpuSeconds(server.pid);
    const begun = H.now();
    const write = async (board) => {
      while (H.now() - begun < FLOOD_SECONDS * 1000) {
        await seen(board, PATIENCE).then((ms) => all.push(ms), () => { lost += 1; });
      }
    };
    await Promise.all(boards.slice(0, WRITERS).map(write));
    const seconds = (H.now() - begun) / 1000;
    out.flood = { ...summary(all), editsPerSecond: H.r1(all.length / seconds), serverCpuMsPerEdit: H.r1(((H.cpuSeconds(server.pid) - cpu) * 1000) / all.length) };
    told(`${all.length} edits without a pause`);
  }
  out.editsNotSeen = lost;
  out.memoryPeakMiB = H.rssMiB(server.pid).peak;

  // The server is killed in the middle of writing; what somebody had seen must be there again.
  const begun = H.now();
  const writing = boards.slice(0, WRITERS).map(async (board) => {
    while (H.now() - begun < 3000) await seen(board, 1000).catch(() => {});
  });
  await H.sleep(2000);
  await server.stop("SIGKILL");
  await Promise.allSettled(boards.flatMap((board) => board.people.map((client) => client.close())));
  await Promise.allSettled(writing);
  await H.sleep(1500);
  server = await H.startServer(spec, port);
  await H.sleep(1000);
  out.seenButLostByKill = 0;
  await inTurn(WRITERS, 5, async (place) => {
    const board = boards[place];
    // Everybody comes back at once: who is not let in at first tries again, as a user would.
    let client;
    for (let attempt = 1; !client; attempt += 1) {
      try { client = await open(board.reference); } catch (error) {
        if (attempt < 5) { await H.sleep(1000); continue; }
        out.seenButLostByKill += 1;
        told(`a board did not open again: ${error?.message ?? error}`);
        return;
      }
    }
    const [card, words] = board.last;
    // A later edit may have come in that nobody had seen.
    const at = (text) => Number(/\d+/.exec(String(text))?.[0] ?? 0);
    const there = await H.until(() => at(client.get(card, "risk")) >= at(words), 5000, "the edit").then(() => true, () => false);
    if (!there) {
      out.seenButLostByKill += 1;
      told(`seen: ${words}, there: ${client.get(card, "risk")}`);
    }
    await client.close();
  });
  told("killed and looked at again");

  if (STORED > 0) {
    began = H.now();
    let first;
    if (A.store) first = await A.store({ port, boards: STORED, cards: (seed) => makeCards(CARDS, seed) });
    else await inTurn(STORED, 40, async (place) => {
      const client = await A.connect({ port });
      const reference = await client.create(makeCards(CARDS, place));
      await client.settled();
      first ??= reference;
      await client.close();
    });
    out.storedMs = H.r1(H.now() - began);
    await H.sleep(3000);
    await server.stop();
    began = H.now();
    server = await H.startServer(spec, port);
    out.startWithStoredMs = H.r1(H.now() - began);
    const client = await open(first);
    out.firstBoardAfterStartMs = H.r1(H.now() - began);
    await H.sleep(1000);
    out.memoryWithStoredMiB = memory();
    await client.close();
    told(`${STORED} boards stored`);
  }
} catch (error) {
  out.error = String(error?.stack ?? error).slice(0, 400);
} finally {
  await server.stop("SIGKILL");
  fs.rmSync(dataDir, { recursive: true, force: true });
}
console.log(JSON.stringify(out, null, 1));
process.exit(0);
