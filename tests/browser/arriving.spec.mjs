// A large board tells how far it has come; one that cannot be taken on this device is named, and keeps none of
// the others from coming, over one connection.
import { expect, test } from "./guard.mjs";
import { go } from "./go.mjs";
import { Server, signIn, synced } from "./server.mjs";

// The kind of a frame and the document it speaks of, by their places in the bytes.
function spokenOf(message) {
  const found = /^.dtype(dsync|grequest)jdocumentIdx.(\w+?)hsenderId/s.exec(message.toString("latin1"));
  return found ? { kind: found[1].slice(1), id: found[2] } : null;
}

const text = (words) => Buffer.concat([Buffer.from([0x60 + words.length]), Buffer.from(words)]);

function part(index, count, data) {
  const length = Buffer.alloc(5);
  length.writeUInt8(0x5a);
  length.writeUInt32BE(data.length, 1);
  return Buffer.concat([
    Buffer.from([0xa5]), text("type"), text("tongban-fragment"), text("frame"), Buffer.from([1]),
    text("index"), Buffer.from([index]), text("count"), Buffer.from([count]), text("data"), length, data,
  ]);
}

test("a large board says how far it has come, and one that cannot be taken keeps none of the others away", async ({ browser }) => {
  test.setTimeout(90_000);
  const server = await Server.start();
  const page = await (await browser.newContext()).newPage();
  const asked = [];
  const held = [];
  let [connections, cut, spoilt] = [0, 0, 0];
  let release = () => {};
  await page.routeWebSocket(/\/sync/, (socket) => {
    connections += 1;
    const far = socket.connectToServer();
    let waits = true;
    release = () => {
      waits = false;
      held.forEach((message) => socket.send(message));
    };
    socket.onMessage((message) => {
      const spoken = spokenOf(message);
      if (spoken?.kind === "request" && !asked.includes(spoken.id)) asked.push(spoken.id);
      far.send(message);
    });
    far.onMessage((message) => {
      const spoken = spokenOf(message);
      // The space is asked for first, then its boards.
      if (spoken?.id === asked[2] && spoken?.kind === "sync") {
        spoilt += 1;
        return socket.send(message.subarray(0, message.length - 10));
      }
      if (spoken?.id !== asked[1] || !waits) return socket.send(message);
      if (cut > 0) return held.push(message);
      cut += 1;
      const third = Math.ceil(message.length / 3);
      const parts = [0, 1, 2].map((index) => part(index, 3, message.subarray(index * third, (index + 1) * third)));
      socket.send(parts[0]);
      held.push(parts[1], parts[2]);
    });
  });
  await signIn(page, server.address);
  await page.getByTestId("badge").click();
  const arriving = page.getByTestId("arriving");
  await expect(arriving).toContainText(/正在接收《.+》 33%/);
  await expect(arriving).toContainText("本机打不开，其他清单照常同步");
  expect([cut, spoilt]).toEqual([1, 1]);

  release();
  await expect(arriving).not.toContainText("正在接收");
  // Nobody waits for what cannot be taken.
  await synced(page);
  await go(page, "/attention");
  await expect(page.getByTestId("refused")).toContainText("本机打不开");
  expect([connections, cut, spoilt]).toEqual([1, 1, 1]);
  await server.end();
});
