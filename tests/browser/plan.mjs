// The plan of the board that is open: settled, or drafted again; then back to its list.
import { confirm } from "./ask.mjs";
import { synced } from "./server.mjs";

async function press(page, name) {
  await page.getByRole("link", { name: "定稿与审核" }).click();
  await page.getByRole("button", { name, exact: true }).click();
  await confirm(page);
  await synced(page);
  await page.getByRole("link", { name: "清单", exact: true }).last().click();
}

/** Opens the form of the item whose panel is open. */
export async function edit(page) {
  await page.locator(".panel").getByRole("button", { name: "编辑", exact: true }).click();
  await page.getByLabel("内容").waitFor();
}

export const settle = (page) => press(page, "定稿");

export const draftAgain = (page) => press(page, "重新起草");
