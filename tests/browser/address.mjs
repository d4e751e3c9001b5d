// Ids of boards and spaces, and the documents they name, as automerge-repo writes them.
import { createHash } from "node:crypto";

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

// The id of a board of 16 bytes.
export function boardId(bytes) {
  let number = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (let digit = 0; digit < 26; digit += 1, number /= 32n) text = CROCKFORD[Number(number % 32n)] + text;
  return `b_${text}`;
}

// The document of a board or space: the same 16 bytes with a checksum, in base58.
export function documentUrl(id) {
  let number = 0n;
  for (const letter of id.slice(2)) number = number * 32n + BigInt(CROCKFORD.indexOf(letter));
  const bytes = Buffer.from(number.toString(16).padStart(32, "0"), "hex");
  const once = createHash("sha256").update(bytes).digest();
  const whole = Buffer.concat([bytes, createHash("sha256").update(once).digest().subarray(0, 4)]);
  let rest = BigInt(`0x${whole.toString("hex")}`);
  let text = "";
  for (; rest > 0n; rest /= 58n) text = BASE58[Number(rest % 58n)] + text;
  for (const byte of whole) {
    if (byte !== 0) break;
    text = `1${text}`;
  }
  return `automerge:${text}`;
}
